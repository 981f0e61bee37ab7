// lisp: a small Lisp. Reads a program from a file or from standard input, prints what each
// top-level expression gives (nothing for a definition, a loop or nil).
//
//     lisp [-v] [FILE]       -v  report collections and the heap at the end
//
//     value     0 = nil · odd = an integer, shifted left by one · else the address of a cell
//     cell      [kind, mark][car][cdr]
//
//     (define x 1)  (define (f a b) body ...)  (lambda (a b) body ...)  (if c a b)  (quote x) 'x
//     (let ((a 1)) body ...)  (begin ...)  (and ...)  (or ...)  (set! x 2)  (while c body ...)
//     + - * / mod = < > eq? cons car cdr null? pair? not list length display newline gc
//
// What to look for: eval() is a loop: a tail call changes `x` and `env` and goes round again,
// so a tail-recursive program runs in one frame; every other call makes a C frame. A closure
// is a cell (params body) that remembers env. collect() marks what the roots reach and puts
// the rest on the free list: break there and watch `free_cells`. Roots are the *addresses* of
// local variables, kept in roots[]: that is why those variables live in linear memory.

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FREE, PAIR, SYMBOL, CLOSURE, BUILTIN };

enum { HEAP_CELLS = 2000, MAX_ROOTS = 8000, MAX_SYMBOL = 31, MAX_DEPTH = 400 };

typedef struct cell *value;

struct cell {
    uint8_t kind, mark;
    union {
        value car;       // PAIR; CLOSURE: (params . body)
        const char *text; // SYMBOL
        value (*run)(value arguments); // BUILTIN
    };
    value cdr; // PAIR; CLOSURE: env; SYMBOL: the next symbol
};

static struct cell heap[HEAP_CELLS];
static value free_cells, symbols, globals; // globals: ((symbol . value) ...)
static value *roots[MAX_ROOTS];
static unsigned root_count, depth, collections, freed;
static unsigned line = 1;

static value s_quote, s_if, s_define, s_lambda, s_let, s_begin, s_and, s_or, s_set, s_while, s_true;

static _Noreturn void fail(const char *what, const char *detail) {
    fflush(stdout);
    fprintf(stderr, "lisp: line %u: %s%s%s\n", line, what, detail ? ": " : "", detail ? detail : "");
    exit(1);
}

// ---- values

static bool is_integer(value v) { return (uintptr_t)v & 1; }
static value integer(int32_t n) { return (value)(uintptr_t)((uint32_t)n << 1 | 1); }
static bool is(value v, enum kind kind) { return v && !is_integer(v) && v->kind == kind; }

static int32_t number(value v) {
    if (!is_integer(v)) fail("a number was expected", NULL);
    return (int32_t)(uintptr_t)v >> 1;
}

static value car(value v) {
    if (!is(v, PAIR)) fail("a pair was expected", NULL);
    return v->car;
}

static value cdr(value v) {
    if (!is(v, PAIR)) fail("a pair was expected", NULL);
    return v->cdr;
}

static value truth(bool b) { return b ? s_true : NULL; }

// ---- the heap: mark and sweep

static void mark(value v) {
    while (v && !is_integer(v) && !v->mark) {
        v->mark = 1;
        if (v->kind == PAIR || v->kind == CLOSURE) mark(v->car);
        if (v->kind == BUILTIN) return;
        v = v->cdr;
    }
}

static void collect(void) {
    collections++;
    mark(symbols);
    mark(globals);
    for (unsigned i = 0; i < root_count; i++) mark(*roots[i]);
    free_cells = NULL;
    for (value c = heap; c < heap + HEAP_CELLS; c++) {
        if (!c->mark) {
            freed += c->kind != FREE;
            c->kind = FREE;
            c->cdr = free_cells;
            free_cells = c;
        }
        c->mark = 0;
    }
}

// Protects a local variable until the function sets root_count back.
static void root(value *variable) {
    if (root_count == MAX_ROOTS) fail("too many nested expressions", NULL);
    roots[root_count++] = variable;
}

static value new_cell(enum kind kind, value first, value second) {
    if (!free_cells) {
        unsigned before = root_count;
        root(&first);
        root(&second);
        collect();
        root_count = before;
        if (!free_cells) fail("out of memory", NULL);
    }
    value c = free_cells;
    free_cells = c->cdr;
    *c = (struct cell){.kind = (uint8_t)kind, .car = first, .cdr = second};
    return c;
}

static value cons(value first, value rest) { return new_cell(PAIR, first, rest); }

static value symbol(const char *text) {
    for (value s = symbols; s; s = s->cdr)
        if (strcmp(s->text, text) == 0) return s;
    char *copy = strdup(text);
    if (!copy) fail("out of memory", NULL);
    value s = new_cell(SYMBOL, NULL, symbols);
    s->text = copy;
    return symbols = s;
}

// ---- reading

static FILE *input;

static int next_char(void) {
    for (;;) {
        int c = getc(input);
        if (c == ';')
            while (c != '\n' && c != EOF) c = getc(input);
        if (c == '\n') line++;
        if (c == EOF || !isspace(c)) return c;
    }
}

static value read_value(int c);

static value read_list(void) {
    unsigned before = root_count;
    if (++depth > MAX_DEPTH) fail("nested too deeply", NULL);
    value list = NULL, last = NULL, item = NULL;
    root(&list);
    root(&item);
    for (int c; (c = next_char()) != ')';) {
        if (c == EOF) fail("a list never ends", NULL);
        item = read_value(c);
        value link = cons(item, NULL);
        if (last) {
            last->cdr = link;
        } else {
            list = link;
        }
        last = link;
    }
    depth--;
    root_count = before;
    return list;
}

static value read_value(int c) {
    if (c == '(') return read_list();
    if (c == ')') fail("')' without '('", NULL);
    if (c == '\'') {
        value quoted = cons(read_value(next_char()), NULL);
        return cons(s_quote, quoted);
    }
    char text[MAX_SYMBOL + 1];
    size_t length = 0;
    for (; c != EOF && !isspace(c) && c != '(' && c != ')' && c != ';'; c = getc(input)) {
        if (length == MAX_SYMBOL) fail("the name is too long", NULL);
        text[length++] = (char)c;
    }
    if (c != EOF) ungetc(c, input);
    if (length == 0) fail("the file ends too early", NULL);
    text[length] = '\0';
    char *end;
    long n = strtol(text, &end, 10);
    if (*end == '\0') return integer((int32_t)n);
    return strcmp(text, "nil") == 0 ? NULL : symbol(text);
}

// ---- printing

static void print(value v) {
    if (!v) {
        fputs("()", stdout);
    } else if (is_integer(v)) {
        printf("%d", (int)number(v));
    } else if (v->kind == SYMBOL) {
        fputs(v->text, stdout);
    } else if (v->kind != PAIR) {
        fputs(v->kind == CLOSURE ? "<closure>" : "<builtin>", stdout);
    } else {
        putchar('(');
        for (; is(v, PAIR); v = v->cdr) {
            print(v->car);
            if (v->cdr) putchar(' ');
        }
        if (v) {
            fputs(". ", stdout);
            print(v);
        }
        putchar(')');
    }
}

// ---- evaluation

static value find(value name, value env) {
    for (; env; env = env->cdr)
        if (env->car->car == name) return env->car;
    for (value g = globals; g; g = g->cdr)
        if (g->car->car == name) return g->car;
    return NULL;
}

static void define(value name, value v) {
    for (value g = globals; g; g = g->cdr)
        if (g->car->car == name) {
            g->car->cdr = v;
            return;
        }
    value binding = cons(name, v);
    globals = cons(binding, globals);
}

static value eval(value x, value env);

static value eval_all(value list, value env) {
    unsigned before = root_count;
    value first = NULL, last = NULL, v = NULL;
    root(&first);
    root(&v);
    root(&env);
    for (; list; list = cdr(list)) {
        v = eval(car(list), env);
        value link = cons(v, NULL);
        if (last) {
            last->cdr = link;
        } else {
            first = link;
        }
        last = link;
    }
    root_count = before;
    return first;
}

// Evaluates all but the last expression of a body and gives the last one, for the tail call.
static value all_but_last(value body, value env) {
    for (; body && cdr(body); body = cdr(body)) eval(car(body), env);
    return body ? car(body) : NULL;
}

static value bind(value params, value arguments, value env) {
    unsigned before = root_count;
    root(&env);
    root(&params);
    root(&arguments);
    for (; is(params, PAIR); params = params->cdr, arguments = arguments->cdr) {
        if (!arguments) fail("too few arguments", NULL);
        value binding = cons(params->car, arguments->car);
        env = cons(binding, env);
    }
    if (arguments) fail("too many arguments", NULL);
    root_count = before;
    return env;
}

static value closure(value params, value body, value env) {
    value code = cons(params, body);
    return new_cell(CLOSURE, code, env);
}

static value eval_define(value rest, value env) {
    unsigned before = root_count;
    value name = car(rest), v = NULL;
    root(&v);
    if (is(name, PAIR)) {
        v = closure(cdr(name), cdr(rest), env);
        name = car(name);
    } else {
        v = eval(car(cdr(rest)), env);
    }
    if (!is(name, SYMBOL)) fail("only a symbol can be defined", NULL);
    define(name, v);
    root_count = before;
    return name;
}

static value eval_let(value bindings, value env) {
    unsigned before = root_count;
    value inner = env, v = NULL;
    root(&inner);
    root(&v);
    for (; bindings; bindings = cdr(bindings)) {
        v = eval(car(cdr(car(bindings))), env);
        v = cons(car(car(bindings)), v);
        inner = cons(v, inner);
    }
    root_count = before;
    return inner;
}

static value eval(value x, value env) {
    unsigned before = root_count;
    value function = NULL, arguments = NULL, result = NULL;
    root(&x);
    root(&env);
    root(&function);
    root(&arguments);
    if (++depth > MAX_DEPTH) fail("recursion too deep", NULL);
    for (;;) {
        if (!x || is_integer(x)) {
            result = x;
            break;
        }
        if (x->kind == SYMBOL) {
            value binding = find(x, env);
            if (!binding) fail("not defined", x->text);
            result = binding->cdr;
            break;
        }
        value head = car(x), rest = cdr(x);
        if (head == s_quote) {
            result = car(rest);
            break;
        } else if (head == s_if) {
            bool yes = eval(car(rest), env) != NULL;
            rest = yes ? cdr(rest) : cdr(cdr(rest));
            x = rest ? car(rest) : NULL;
        } else if (head == s_define) {
            result = eval_define(rest, env);
            break;
        } else if (head == s_lambda) {
            result = closure(car(rest), cdr(rest), env);
            break;
        } else if (head == s_let) {
            env = eval_let(car(rest), env);
            x = all_but_last(cdr(rest), env);
        } else if (head == s_begin) {
            x = all_but_last(rest, env);
        } else if (head == s_and || head == s_or) {
            value v = truth(head == s_and);
            for (; rest && cdr(rest); rest = cdr(rest)) {
                v = eval(car(rest), env);
                if ((v != NULL) == (head == s_or)) break;
            }
            if (rest && !cdr(rest)) {
                x = car(rest);
            } else {
                result = v;
                break;
            }
        } else if (head == s_set) {
            value binding = find(car(rest), env);
            if (!binding) fail("set! of an unknown name", NULL);
            binding->cdr = result = eval(car(cdr(rest)), env);
            break;
        } else if (head == s_while) {
            while (eval(car(rest), env))
                for (value body = cdr(rest); body; body = cdr(body)) eval(car(body), env);
            break;
        } else {
            function = eval(head, env);
            arguments = eval_all(rest, env);
            if (is(function, BUILTIN)) {
                result = function->run(arguments);
                break;
            }
            if (!is(function, CLOSURE)) fail("not a function", is(head, SYMBOL) ? head->text : NULL);
            env = bind(function->car->car, arguments, function->cdr);
            x = all_but_last(function->car->cdr, env);
        }
    }
    depth--;
    root_count = before;
    return result;
}

// ---- built-in functions

static value first(value a) { return car(a); }
static value second(value a) { return car(cdr(a)); }

static value b_add(value a) {
    int32_t sum = 0;
    for (; a; a = cdr(a)) sum += number(first(a));
    return integer(sum);
}

static value b_sub(value a) {
    int32_t n = number(first(a));
    if (!cdr(a)) return integer(-n);
    for (a = cdr(a); a; a = cdr(a)) n -= number(first(a));
    return integer(n);
}

static value b_mul(value a) {
    int32_t product = 1;
    for (; a; a = cdr(a)) product *= number(first(a));
    return integer(product);
}

static int32_t divisor(value a) {
    int32_t n = number(second(a));
    if (n == 0) fail("division by zero", NULL);
    return n;
}

static value b_div(value a) { return integer(number(first(a)) / divisor(a)); }
static value b_mod(value a) { return integer(number(first(a)) % divisor(a)); }
static value b_equal(value a) { return truth(number(first(a)) == number(second(a))); }
static value b_less(value a) { return truth(number(first(a)) < number(second(a))); }
static value b_greater(value a) { return truth(number(first(a)) > number(second(a))); }
static value b_same(value a) { return truth(first(a) == second(a)); }
static value b_cons(value a) { return cons(first(a), second(a)); }
static value b_car(value a) { return car(first(a)); }
static value b_cdr(value a) { return cdr(first(a)); }
static value b_is_null(value a) { return truth(!first(a)); }
static value b_is_pair(value a) { return truth(is(first(a), PAIR)); }
static value b_list(value a) { return a; }

static value b_length(value a) {
    int32_t n = 0;
    for (value list = first(a); list; list = cdr(list)) n++;
    return integer(n);
}

static value b_display(value a) {
    for (; a; a = cdr(a)) {
        print(first(a));
        if (cdr(a)) putchar(' ');
    }
    return NULL;
}

static value b_newline(value a) {
    putchar('\n');
    return a;
}

static value b_gc(value a) {
    (void)a;
    unsigned before = freed;
    collect();
    return integer((int32_t)(freed - before));
}

static const struct builtin {
    const char *name;
    value (*run)(value);
} builtins[] = {
    {"+", b_add},         {"-", b_sub},          {"*", b_mul},          {"/", b_div},       {"mod", b_mod},
    {"=", b_equal},       {"<", b_less},         {">", b_greater},      {"eq?", b_same},    {"cons", b_cons},
    {"car", b_car},       {"cdr", b_cdr},        {"null?", b_is_null},  {"not", b_is_null}, {"pair?", b_is_pair},
    {"list", b_list},     {"length", b_length},  {"display", b_display}, {"newline", b_newline}, {"gc", b_gc},
};

static void set_up(void) {
    collect(); // fills the free list
    collections = freed = 0;
    s_quote = symbol("quote"), s_if = symbol("if"), s_define = symbol("define"), s_lambda = symbol("lambda");
    s_let = symbol("let"), s_begin = symbol("begin"), s_and = symbol("and"), s_or = symbol("or");
    s_set = symbol("set!"), s_while = symbol("while"), s_true = symbol("t");
    define(s_true, s_true);
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
        value b = new_cell(BUILTIN, NULL, NULL);
        b->run = builtins[i].run;
        define(symbol(builtins[i].name), b);
    }
}

int main(int argc, char **argv) {
    bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    int file = verbose ? 2 : 1;
    if (argc > file + 1) {
        fputs("usage: lisp [-v] [FILE]\n", stderr);
        return 2;
    }
    input = argc > file ? fopen(argv[file], "r") : stdin;
    if (!input) {
        fprintf(stderr, "lisp: cannot open %s\n", argv[file]);
        return 2;
    }
    set_up();
    value x = NULL;
    root(&x);
    for (int c; (c = next_char()) != EOF;) {
        x = read_value(c);
        bool quiet = is(x, PAIR) && (x->car == s_define || x->car == s_while);
        x = eval(x, NULL);
        if (quiet || !x) continue;
        print(x);
        putchar('\n');
    }
    if (verbose) {
        collect();
        unsigned used = 0;
        for (int i = 0; i < HEAP_CELLS; i++) used += heap[i].kind != FREE;
        printf("%u collections, %u cells freed, %u of %d in use\n", collections, freed, used, HEAP_CELLS);
    }
    return 0;
}
