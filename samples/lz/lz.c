// lz: a small LZ77 compressor in the manner of LZ4.
//
//     lz c IN OUT   compress        lz d IN OUT   decompress
//     lz t FILE     compress to FILE.lz, decompress that to FILE.out, compare
//
//     file      "LZ1" [original length, 4 bytes, little-endian] token ... token
//     token     [literals:4 | match - 4:4] [more literals] literals [distance, 2] [more match]
//               a nibble of 15 is continued by bytes that add up until one is below 255;
//               the last token has literals only
//
// What to look for: compress() looks the next four bytes up in a hash table that says where
// they stood last; match_length() is the inner loop. In decompress() the copy goes byte by
// byte because a match may overlap what it is writing: distance 1 repeats one byte.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_BITS = 12, MIN_MATCH = 4, MAX_DISTANCE = 65535, HEADER = 7 };

struct buffer {
    uint8_t *bytes;
    size_t length, room;
};

static _Noreturn void die(const char *what, const char *path) {
    fprintf(stderr, "lz: %s: %s\n", path, what);
    exit(1);
}

static void put(struct buffer *b, const uint8_t *from, size_t n) {
    if (b->length + n > b->room) {
        b->room = (b->length + n) * 2;
        b->bytes = realloc(b->bytes, b->room);
        if (!b->bytes) die("out of memory", "output");
    }
    memcpy(b->bytes + b->length, from, n);
    b->length += n;
}

static void put_byte(struct buffer *b, size_t byte) { put(b, &(uint8_t){(uint8_t)byte}, 1); }

static uint32_t load32(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t hash(uint32_t word) { return word * 2654435761u >> (32 - HASH_BITS); }

// ---- compression

static size_t match_length(const uint8_t *a, const uint8_t *b, const uint8_t *end) {
    const uint8_t *start = b;
    while (b < end && *a == *b) a++, b++;
    return (size_t)(b - start);
}

static void more(struct buffer *out, size_t count) {
    if (count < 15) return;
    for (count -= 15; count >= 255; count -= 255) put_byte(out, 255);
    put_byte(out, count);
}

static void token(struct buffer *out, const uint8_t *literals, size_t count, size_t distance, size_t match) {
    size_t extra = match ? match - MIN_MATCH : 0;
    put_byte(out, (count < 15 ? count : 15) << 4 | (extra < 15 ? extra : 15));
    more(out, count);
    put(out, literals, count);
    if (!match) return;
    put_byte(out, distance & 0xff);
    put_byte(out, distance >> 8);
    more(out, extra);
}

static struct buffer compress(const struct buffer *in, unsigned *matches) {
    static uint32_t last[1 << HASH_BITS]; // position + 1 of the last four bytes with this hash
    memset(last, 0, sizeof last);
    struct buffer out = {0};
    put(&out, (const uint8_t *)"LZ1", 3);
    for (int shift = 0; shift < 32; shift += 8) put_byte(&out, in->length >> shift & 0xff);

    const uint8_t *bytes = in->bytes;
    size_t at = 0, literals = 0; // the first byte that is in no token yet
    while (at + MIN_MATCH <= in->length) {
        uint32_t slot = hash(load32(bytes + at));
        size_t candidate = last[slot];
        last[slot] = (uint32_t)at + 1;
        size_t length = 0;
        if (candidate && at - (candidate - 1) <= MAX_DISTANCE)
            length = match_length(bytes + candidate - 1, bytes + at, bytes + in->length);
        if (length < MIN_MATCH) {
            at++;
            continue;
        }
        token(&out, bytes + literals, at - literals, at - (candidate - 1), length);
        ++*matches;
        at += length;
        literals = at;
    }
    token(&out, bytes + literals, in->length - literals, 0, 0);
    return out;
}

// ---- decompression

struct reader {
    const uint8_t *at, *end;
    const char *path;
};

static uint8_t next(struct reader *r) {
    if (r->at == r->end) die("ends in the middle of a token", r->path);
    return *r->at++;
}

static size_t count(struct reader *r, size_t nibble) {
    if (nibble < 15) return nibble;
    size_t total = 15, byte;
    do total += byte = next(r);
    while (byte == 255);
    return total;
}

static struct buffer decompress(const struct buffer *in, const char *path) {
    if (in->length < HEADER || memcmp(in->bytes, "LZ1", 3) != 0) die("not made by lz", path);
    size_t total = load32(in->bytes + 3);
    struct buffer out = {.bytes = malloc(total ? total : 1), .room = total};
    if (!out.bytes) die("out of memory", path);
    struct reader r = {in->bytes + HEADER, in->bytes + in->length, path};
    do {
        uint8_t nibbles = next(&r);
        size_t literals = count(&r, nibbles >> 4);
        if (literals > (size_t)(r.end - r.at) || literals > total - out.length) die("too many literals", path);
        put(&out, r.at, literals);
        r.at += literals;
        if (out.length == total) break;

        size_t distance = next(&r);
        distance |= (size_t)next(&r) << 8;
        size_t match = count(&r, nibbles & 15) + MIN_MATCH;
        if (distance == 0 || distance > out.length) die("a match reaches back too far", path);
        if (match > total - out.length) die("a match is too long", path);
        for (; match; match--, out.length++) out.bytes[out.length] = out.bytes[out.length - distance];
    } while (1);
    return out;
}

// ---- files and the command line

static struct buffer load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die("cannot be opened", path);
    struct buffer b = {0};
    uint8_t block[1024];
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;) put(&b, block, n);
    fclose(file);
    return b;
}

static void save(const char *path, const struct buffer *b) {
    FILE *file = fopen(path, "wb");
    if (!file) die("cannot be created", path);
    if (fwrite(b->bytes, 1, b->length, file) != b->length || fclose(file) != 0) die("cannot be written", path);
}

static int round_trip(const char *path) {
    char packed_path[256], out_path[256];
    snprintf(packed_path, sizeof packed_path, "%s.lz", path);
    snprintf(out_path, sizeof out_path, "%s.out", path);

    unsigned matches = 0;
    struct buffer in = load(path), packed = compress(&in, &matches);
    save(packed_path, &packed);
    struct buffer again = load(packed_path), out = decompress(&again, packed_path);
    save(out_path, &out);
    struct buffer result = load(out_path);

    printf("%s: %zu bytes, packed %zu bytes (%zu%%), %u matches\n", path, in.length, packed.length,
           in.length ? packed.length * 100 / in.length : 100, matches);
    int same = in.length == result.length && memcmp(in.bytes, result.bytes, in.length) == 0;
    puts(same ? "round trip: same bytes" : "round trip: DIFFERENT");
    return !same;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "t") == 0) return round_trip(argv[2]);
    if (argc != 4 || (strcmp(argv[1], "c") != 0 && strcmp(argv[1], "d") != 0)) {
        fputs("usage: lz c IN OUT | lz d IN OUT | lz t FILE\n", stderr);
        return 2;
    }
    unsigned matches = 0;
    struct buffer in = load(argv[2]);
    struct buffer out = argv[1][0] == 'c' ? compress(&in, &matches) : decompress(&in, argv[2]);
    save(argv[3], &out);
    printf("%s: %zu bytes, %s: %zu bytes\n", argv[2], in.length, argv[3], out.length);
    return 0;
}
