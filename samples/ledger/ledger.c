// ledger: an exercise. The program is wrong on purpose; find out where.
//
// Four accounts, some transfers, one of the owners marries and gets a new name. Transfers only
// move money, so the total at the end must be the total at the start. It is not: this run
// ends with exit code 1 and some dollars less.
//
// What to look for: go to the end, look which account is short and by how much. Its `cents`
// lie in memory; follow that address and go back to the step that last wrote there. One of
// the writes does not come from transfer(). (The answer stands in ANSWER.md.)

#include <stdio.h>
#include <string.h>

enum { NAME = 8, ACCOUNTS = 4 };

struct account {
    char name[NAME]; // up to eight letters; shorter names are filled up with zeros
    int cents;
};

static struct account accounts[ACCOUNTS];

__attribute__((noinline)) static void set_name(char *to, const char *from) {
    int i;
    for (i = 0; from[i] != '\0' && i < NAME; i++) to[i] = from[i];
    for (; i <= NAME; i++) to[i] = '\0';
}

__attribute__((noinline)) static void open_account(struct account *a, const char *name, int cents) {
    set_name(a->name, name);
    a->cents = cents;
}

__attribute__((noinline)) static void transfer(struct account *from, struct account *to, int cents) {
    from->cents -= cents;
    to->cents += cents;
}

__attribute__((noinline)) static int total(void) {
    int sum = 0;
    for (int i = 0; i < ACCOUNTS; i++) sum += accounts[i].cents;
    return sum;
}

static void print(const char *title) {
    puts(title);
    for (int i = 0; i < ACCOUNTS; i++)
        printf("  %-8.8s %5d.%02d\n", accounts[i].name, accounts[i].cents / 100, accounts[i].cents % 100);
    printf("  %-8s %5d.%02d\n", "total", total() / 100, total() % 100);
}

int main(void) {
    open_account(&accounts[0], "alice", 120000);
    open_account(&accounts[1], "bob", 45050);
    open_account(&accounts[2], "carol", 99999);
    open_account(&accounts[3], "dan", 7);
    int before = total();
    print("monday");

    transfer(&accounts[0], &accounts[1], 12345);
    transfer(&accounts[2], &accounts[3], 50000);
    transfer(&accounts[1], &accounts[2], 777);
    set_name(accounts[2].name, "caroline");
    transfer(&accounts[3], &accounts[0], 1999);
    transfer(&accounts[0], &accounts[2], 30000);
    print("friday");

    int missing = before - total();
    if (missing == 0) {
        puts("the books balance");
        return 0;
    }
    printf("%d.%02d missing\n", missing / 100, missing % 100);
    return 1;
}
