// json: reads JSON from standard input or a file and prints it again, indented or compact.
//
//     json [-c] [-i N] [-s] [-k] [FILE]
//       -c  compact, no white space     -i N  indent by N (default 2)
//       -s  sort the members of objects by name     -k  only check, print counts
//
// What to look for: value() calls itself for what an array or object contains (the compiler
// has put array() and object() into it): the call stack is
// the path into the document. Nodes come from one arena and are linked through `next`; set
// the memory pane on the arena and watch the tree grow. Errors carry line and column.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { J_NULL, J_FALSE, J_TRUE, J_NUMBER, J_STRING, J_ARRAY, J_OBJECT };

static const char *const kind_names[] = {"null", "false", "true", "number", "string", "array", "object"};

struct node {
    enum kind kind;
    const char *name;   // as in the input, without quotes; only members have one
    size_t name_length;
    const char *text;   // numbers and strings: as in the input, without quotes
    size_t length;
    struct node *first; // children, in order
    struct node *next;
};

struct parser {
    const char *start, *at, *end;
    unsigned depth;
    unsigned counts[7];
};

enum { MAX_DEPTH = 200, BLOCK = 256 };

static struct node *arena;
static size_t arena_left;

static struct node *new_node(enum kind kind) {
    if (arena_left == 0) {
        arena = calloc(BLOCK, sizeof *arena);
        if (!arena) {
            fputs("json: out of memory\n", stderr);
            exit(3);
        }
        arena_left = BLOCK;
    }
    arena_left--;
    arena->kind = kind;
    return arena++;
}

// ---- parsing

static _Noreturn void fail(const struct parser *p, const char *what) {
    unsigned line = 1, column = 1;
    for (const char *c = p->start; c < p->at; c++) {
        if (*c == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*c & 0xc0) != 0x80) {
            column++;
        }
    }
    fflush(stdout);
    fprintf(stderr, "json: %u:%u: %s\n", line, column, what);
    exit(1);
}

static void space(struct parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r'))
        p->at++;
}

static int peek(const struct parser *p) { return p->at < p->end ? (unsigned char)*p->at : -1; }

static bool accept(struct parser *p, char c) {
    if (peek(p) != c) return false;
    p->at++;
    return true;
}

static bool is_digit(int c) { return c >= '0' && c <= '9'; }

static bool is_hex(int c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

static const char *string(struct parser *p, size_t *length) {
    if (!accept(p, '"')) fail(p, "a string was expected here");
    const char *start = p->at;
    for (;;) {
        int c = peek(p);
        if (c < 0) fail(p, "the string never ends");
        if (c < 0x20) fail(p, "a control character inside a string must be escaped");
        if (c == '"') break;
        p->at++;
        if (c != '\\') continue;
        c = peek(p);
        if (c < 0 || !strchr("\"\\/bfnrtu", c)) fail(p, "no such escape");
        p->at++;
        for (int i = 0; c == 'u' && i < 4; i++, p->at++)
            if (!is_hex(peek(p))) fail(p, "\\u needs four hexadecimal digits");
    }
    *length = (size_t)(p->at - start);
    p->at++;
    return start;
}

static void digits(struct parser *p) {
    if (!is_digit(peek(p))) fail(p, "a digit was expected here");
    while (is_digit(peek(p))) p->at++;
}

static struct node *number(struct parser *p) {
    struct node *n = new_node(J_NUMBER);
    n->text = p->at;
    accept(p, '-');
    if (!accept(p, '0')) digits(p);
    if (accept(p, '.')) digits(p);
    if (accept(p, 'e') || accept(p, 'E')) {
        if (!accept(p, '+')) accept(p, '-');
        digits(p);
    }
    n->length = (size_t)(p->at - n->text);
    return n;
}

static struct node *word(struct parser *p) {
    for (enum kind k = J_NULL; k <= J_TRUE; k++) {
        size_t length = strlen(kind_names[k]);
        if ((size_t)(p->end - p->at) >= length && memcmp(p->at, kind_names[k], length) == 0) {
            p->at += length;
            return new_node(k);
        }
    }
    fail(p, "a value was expected here");
}

static struct node *value(struct parser *p);

static struct node *array(struct parser *p) {
    struct node *n = new_node(J_ARRAY), **tail = &n->first;
    p->at++;
    space(p);
    if (accept(p, ']')) return n;
    do {
        *tail = value(p);
        tail = &(*tail)->next;
    } while (accept(p, ','));
    if (!accept(p, ']')) fail(p, "',' or ']' was expected here");
    return n;
}

static struct node *object(struct parser *p) {
    struct node *n = new_node(J_OBJECT), **tail = &n->first;
    p->at++;
    space(p);
    if (accept(p, '}')) return n;
    do {
        space(p);
        size_t length;
        const char *name = string(p, &length);
        space(p);
        if (!accept(p, ':')) fail(p, "':' was expected here");
        *tail = value(p);
        (*tail)->name = name;
        (*tail)->name_length = length;
        tail = &(*tail)->next;
    } while (accept(p, ','));
    if (!accept(p, '}')) fail(p, "',' or '}' was expected here");
    return n;
}

static struct node *value(struct parser *p) {
    if (++p->depth > MAX_DEPTH) fail(p, "nested too deeply");
    space(p);
    struct node *n;
    int c = peek(p);
    if (c == '{') {
        n = object(p);
    } else if (c == '[') {
        n = array(p);
    } else if (c == '"') {
        n = new_node(J_STRING);
        n->text = string(p, &n->length);
    } else if (c == '-' || is_digit(c)) {
        n = number(p);
    } else {
        n = word(p);
    }
    space(p);
    p->counts[n->kind]++;
    p->depth--;
    return n;
}

// ---- sorting: merge sort on the list of members, stable

static int compare(const struct node *a, const struct node *b) {
    size_t shorter = a->name_length < b->name_length ? a->name_length : b->name_length;
    int order = memcmp(a->name, b->name, shorter);
    return order ? order : (a->name_length > b->name_length) - (a->name_length < b->name_length);
}

static struct node *sorted(struct node *list) {
    if (!list || !list->next) return list;
    struct node *slow = list, *fast = list->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct node *right = sorted(slow->next);
    slow->next = NULL;
    struct node *left = sorted(list), *result, **tail = &result;
    while (left && right) {
        struct node **smaller = compare(left, right) <= 0 ? &left : &right;
        *tail = *smaller;
        tail = &(*tail)->next;
        *smaller = *tail;
    }
    *tail = left ? left : right;
    return result;
}

static void sort_members(struct node *n) {
    if (n->kind == J_OBJECT) n->first = sorted(n->first);
    for (struct node *child = n->first; child; child = child->next) sort_members(child);
}

// ---- printing

static int indent = 2; // negative: compact

static void new_line(int depth) {
    if (indent >= 0) printf("\n%*s", depth * indent, "");
}

static void quoted(const char *text, size_t length) {
    putchar('"');
    fwrite(text, 1, length, stdout);
    putchar('"');
}

static void print(const struct node *n, int depth) {
    switch (n->kind) {
    case J_NULL:
    case J_FALSE:
    case J_TRUE: fputs(kind_names[n->kind], stdout); return;
    case J_NUMBER: fwrite(n->text, 1, n->length, stdout); return;
    case J_STRING: quoted(n->text, n->length); return;
    case J_ARRAY:
    case J_OBJECT: break;
    }
    putchar(n->kind == J_ARRAY ? '[' : '{');
    for (const struct node *child = n->first; child; child = child->next) {
        new_line(depth + 1);
        if (n->kind == J_OBJECT) {
            quoted(child->name, child->name_length);
            fputs(indent < 0 ? ":" : ": ", stdout);
        }
        print(child, depth + 1);
        if (child->next) putchar(',');
    }
    if (n->first) new_line(depth);
    putchar(n->kind == J_ARRAY ? ']' : '}');
}

// ---- the program

static char *read_all(FILE *file, size_t *length) {
    size_t used = 0, room = 4096;
    char *text = malloc(room);
    while (text) {
        used += fread(text + used, 1, room - used, file);
        if (used < room) break;
        text = realloc(text, room *= 2);
    }
    *length = used;
    return text;
}

static int usage(void) {
    fputs("usage: json [-c] [-i N] [-s] [-k] [FILE]\n", stderr);
    return 2;
}

int main(int argc, char **argv) {
    bool sort = false, check = false;
    const char *path = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-c") == 0) {
            indent = -1;
        } else if (strcmp(argv[i], "-i") == 0 && i + 1 < argc) {
            indent = atoi(argv[++i]);
        } else if (strcmp(argv[i], "-s") == 0) {
            sort = true;
        } else if (strcmp(argv[i], "-k") == 0) {
            check = true;
        } else if (argv[i][0] == '-' || path) {
            return usage();
        } else {
            path = argv[i];
        }
    }
    FILE *file = path ? fopen(path, "rb") : stdin;
    if (!file) {
        fprintf(stderr, "json: cannot open %s\n", path);
        return 2;
    }
    size_t length;
    char *text = read_all(file, &length);
    if (!text) return 3;
    struct parser p = {.start = text, .at = text, .end = text + length};
    struct node *root = value(&p);
    if (p.at < p.end) fail(&p, "nothing more was expected here");
    if (check) {
        for (enum kind k = J_NULL; k <= J_OBJECT; k++)
            if (p.counts[k]) printf("%-7s %u\n", kind_names[k], p.counts[k]);
        return 0;
    }
    if (sort) sort_members(root);
    print(root, 0);
    putchar('\n');
    return 0;
}
