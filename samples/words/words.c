// words: counts the words of files or of standard input and prints the most frequent.
//
//     words [-n N] [-m LENGTH] [FILE ...]
//       -n N       how many to print (default 10)     -m LENGTH  shortest word counted
//
// What to look for: the hash table is an array of (hash, text, count); a taken place sends
// the search one further (linear probing). grow() doubles the array when it is 3/4 full and
// puts every entry into a new place. At the end qsort() calls by_count() through a pointer:
// that is a call_indirect.

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORD = 63 };

struct entry {
    uint32_t hash;
    uint32_t count; // 0: a free place
    char *text;
};

struct table {
    struct entry *entries;
    size_t room, used; // room is a power of two
    unsigned probes, grown;
};

static void *need(void *p) {
    if (!p) {
        fputs("words: out of memory\n", stderr);
        exit(3);
    }
    return p;
}

static uint32_t fnv1a(const char *text, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)text[i]) * 16777619u;
    return hash;
}

// The place of `text`: where it is, or the free place where it should go.
static struct entry *find(struct table *t, const char *text, size_t length, uint32_t hash) {
    size_t i = hash & (t->room - 1);
    for (;; i = (i + 1) & (t->room - 1)) {
        struct entry *e = &t->entries[i];
        t->probes++;
        if (!e->count) return e;
        if (e->hash == hash && strlen(e->text) == length && memcmp(e->text, text, length) == 0) return e;
    }
}

static void grow(struct table *t) {
    struct table bigger = {.room = t->room ? t->room * 2 : 16, .used = t->used, .probes = t->probes};
    bigger.entries = need(calloc(bigger.room, sizeof *bigger.entries));
    for (size_t i = 0; i < t->room; i++) {
        struct entry *e = &t->entries[i];
        if (e->count) *find(&bigger, e->text, strlen(e->text), e->hash) = *e;
    }
    bigger.grown = t->grown + 1;
    free(t->entries);
    *t = bigger;
}

static void add(struct table *t, const char *text, size_t length) {
    if (t->used * 4 >= t->room * 3) grow(t);
    uint32_t hash = fnv1a(text, length);
    struct entry *e = find(t, text, length, hash);
    if (!e->count) {
        e->hash = hash;
        e->text = need(malloc(length + 1));
        memcpy(e->text, text, length);
        e->text[length] = '\0';
        t->used++;
    }
    e->count++;
}

// Letters make words; an apostrophe only between letters. Longer words are cut.
static unsigned read_words(struct table *t, FILE *file, size_t shortest) {
    char word[MAX_WORD + 1];
    size_t length = 0;
    unsigned total = 0;
    for (int c; (c = getc(file)) != EOF || length;) {
        if (c != EOF && (isalpha(c) || (c == '\'' && length))) {
            if (length < MAX_WORD) word[length++] = (char)tolower(c);
            continue;
        }
        while (length && word[length - 1] == '\'') length--;
        if (length && length >= shortest) {
            add(t, word, length);
            total++;
        }
        length = 0;
        if (c == EOF) break;
    }
    return total;
}

static int by_count(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    if (a->count != b->count) return a->count < b->count ? 1 : -1;
    return a->count ? strcmp(a->text, b->text) : 0;
}

int main(int argc, char **argv) {
    size_t top = 10, shortest = 1;
    struct table t = {0};
    unsigned total = 0;
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (strcmp(argv[i], "-n") == 0) {
            top = strtoul(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "-m") == 0) {
            shortest = strtoul(argv[i + 1], NULL, 10);
        } else {
            break;
        }
    }
    if (i < argc && argv[i][0] == '-') {
        fputs("usage: words [-n N] [-m LENGTH] [FILE ...]\n", stderr);
        return 2;
    }
    if (i == argc) total += read_words(&t, stdin, shortest);
    for (; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        if (!file) {
            fprintf(stderr, "words: cannot open %s\n", argv[i]);
            return 1;
        }
        unsigned n = read_words(&t, file, shortest);
        printf("%-12s %6u words\n", argv[i], n);
        total += n;
        fclose(file);
    }
    printf("%u words, %zu different; table of %zu, grown %u times, %u probes\n", total, t.used, t.room, t.grown,
           t.probes);
    if (!t.used) return 0;
    qsort(t.entries, t.room, sizeof *t.entries, by_count);
    uint32_t most = t.entries[0].count;
    for (size_t k = 0; k < top && k < t.used; k++) {
        printf("%6u  %-12s ", t.entries[k].count, t.entries[k].text);
        for (uint32_t bar = 0; bar < t.entries[k].count * 30 / most; bar++) putchar('#');
        putchar('\n');
    }
    return 0;
}
