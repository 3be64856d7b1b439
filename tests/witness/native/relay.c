// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// A program of a Wine host that the stand-in plays: tells how it was called, and plays back the answer. Wine gives a caller no handle of a
// program of Linux, so it must be one of Windows. When this is killed its connection ends, and with it whatever works behind it.
//
// Asked: a length of 4 bytes, then UTF-8: this program, its folder, its command line, the variable LIB, each with a zero at its end.
// Answered: an exit code of 4 bytes, then standard output and standard error, each after its length of 4 bytes.
#include <winsock2.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_PATH 32768
#define RPC_SERVER_UNAVAILABLE 1722

static int add(char *to, const wchar_t *text)
{
    return WideCharToMultiByte(CP_UTF8, 0, text, -1, to, to ? 4 * (int)wcslen(text) + 1 : 0, 0, 0);
}

static void take(SOCKET from, void *to, unsigned count)
{
    char *next = to;
    int got;
    for (; count > 0; count -= got, next += got)
        if ((got = recv(from, next, count, 0)) <= 0)
            ExitProcess(RPC_SERVER_UNAVAILABLE);
}

static void play(SOCKET from, DWORD stream)
{
    unsigned count;
    DWORD written;
    char *text, *next;
    take(from, &count, sizeof count);
    next = text = malloc(count + 1);
    take(from, text, count);
    for (; count > 0; count -= written, next += written)
        if (!WriteFile(GetStdHandle(stream), next, count, &written, 0) || !written)
            break;
    free(text);
}

static SOCKET stand_in(void)
{
    char where[64] = "", *port;
    WSADATA data;
    struct sockaddr_in address = {.sin_family = AF_INET};
    SOCKET connection;
    GetEnvironmentVariableA("STANDIN_RELAY", where, sizeof where);
    port = strrchr(where, ':');
    if (!port)
        return INVALID_SOCKET;
    *port = 0;
    WSAStartup(MAKEWORD(2, 2), &data);
    address.sin_port = htons((u_short)atoi(port + 1));
    address.sin_addr.s_addr = inet_addr(where);
    connection = socket(AF_INET, SOCK_STREAM, 0);
    return connect(connection, (struct sockaddr *)&address, sizeof address) ? INVALID_SOCKET : connection;
}

int main(void)
{
    static wchar_t program[LONGEST_PATH], folder[LONGEST_PATH], library[LONGEST_PATH];
    const wchar_t *parts[] = {program, folder, GetCommandLineW(), library};
    unsigned count = 0, code = RPC_SERVER_UNAVAILABLE;
    char *text;
    int part;
    SOCKET connection = stand_in();
    if (connection == INVALID_SOCKET) {
        fputs("the stand-in host does not answer at STANDIN_RELAY", stderr);
        return RPC_SERVER_UNAVAILABLE;
    }
    GetModuleFileNameW(0, program, LONGEST_PATH);
    GetCurrentDirectoryW(LONGEST_PATH, folder);
    GetEnvironmentVariableW(L"LIB", library, LONGEST_PATH);
    text = malloc(4 + 4 * (wcslen(program) + wcslen(folder) + wcslen(parts[2]) + wcslen(library)) + 4);
    for (part = 0; part < 4; part++)
        count += add(text + 4 + count, parts[part]);
    memcpy(text, &count, 4);
    send(connection, text, 4 + count, 0);
    take(connection, &code, sizeof code);
    play(connection, STD_OUTPUT_HANDLE);
    play(connection, STD_ERROR_HANDLE);
    ExitProcess(code);
}
