// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// The registry of a Wine host for its stand-in, as long as the host is up. A question is a line of words: SET KEY NAME TYPE DATA,
// GET KEY, KEYS KEY, DELETE KEY; TYPE is a number, the others are hexadecimal, `-` if empty: names as UTF-16, data as they are. The answer is
// a line: `ok`, `none`, `error N`, `values NAME:TYPE:DATA...`, `keys NAME...`. A key begins with its hive, HKLM or HKCU.
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_LINE (1 << 22)
#define LONGEST_DATA (1 << 20)
#define LONGEST_NAME 16384

static char line[LONGEST_LINE];
static BYTE data[LONGEST_DATA];
static wchar_t key[LONGEST_NAME], name[LONGEST_NAME];

static DWORD bytes(const char *word, void *to)
{
    BYTE *next = to;
    unsigned value;
    for (; word && word[0] && word[1] && sscanf(word, "%2x", &value) == 1; word += 2)
        *next++ = (BYTE)value;
    return (DWORD)(next - (BYTE *)to);
}

static void text(const char *word, wchar_t *to)
{
    to[bytes(word, to) / sizeof(wchar_t)] = 0;
}

static void print(const void *from, DWORD count)
{
    DWORD i;
    for (i = 0; i < count; i++)
        printf("%02x", ((const BYTE *)from)[i]);
    if (!count)
        putchar('-');
}

static HKEY hive(const wchar_t **below)
{
    HKEY found = wcsncmp(key, L"HKCU\\", 5) ? HKEY_LOCAL_MACHINE : HKEY_CURRENT_USER;
    *below = key + 5;
    return found;
}

static LONG set(const char *type, const char *content)
{
    const wchar_t *below;
    HKEY root = hive(&below), opened;
    LONG error = RegCreateKeyExW(root, below, 0, 0, 0, KEY_ALL_ACCESS | KEY_WOW64_64KEY, 0, &opened, 0);
    if (error)
        return error;
    if (type)
        error = RegSetValueExW(opened, name, 0, atoi(type), data, bytes(content, data));
    RegCloseKey(opened);
    return error;
}

static void list(int values)
{
    const wchar_t *below;
    HKEY root = hive(&below), opened;
    DWORD i, letters, type, count;
    if (RegOpenKeyExW(root, below, 0, KEY_READ | KEY_WOW64_64KEY, &opened)) {
        printf("none");
        return;
    }
    printf(values ? "values" : "keys");
    for (i = 0;; i++) {
        letters = LONGEST_NAME;
        count = LONGEST_DATA;
        if (values ? RegEnumValueW(opened, i, name, &letters, 0, &type, data, &count)
                   : RegEnumKeyExW(opened, i, name, &letters, 0, 0, 0, 0))
            break;
        putchar(' ');
        print(name, letters * sizeof(wchar_t));
        if (values) {
            printf(":%lu:", type);
            print(data, count);
        }
    }
    RegCloseKey(opened);
}

static LONG delete_all(void)
{
    const wchar_t *below;
    HKEY root = hive(&below);
    RegDeleteTreeW(root, below);
    return RegDeleteKeyExW(root, below, KEY_WOW64_64KEY, 0);
}

int main(void)
{
    while (fgets(line, sizeof line, stdin)) {
        char *what = strtok(line, " \r\n"), *type;
        LONG error = 0;
        text(strtok(0, " \r\n"), key);
        if (!strcmp(what, "SET")) {
            text(strtok(0, " \r\n"), name);
            type = strtok(0, " \r\n");
            error = set(type, strtok(0, " \r\n"));
        } else if (!strcmp(what, "DELETE"))
            error = delete_all();
        else
            list(!strcmp(what, "GET"));
        if (error)
            printf("error %ld", error);
        else if (*what == 'S' || *what == 'D')
            printf("ok");
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
