/*
 * This file owns a stand-in for libc's mktemp. Swift's Foundation, which swift-argument-parser brings in, names it
 * where it writes files, which nothing here does; and a linker that sees libc's named ends every build with a warning.
 * Hidden: who links Foundation as a library has libc's.
 */
#include <errno.h>

__attribute__((visibility("hidden"))) char *mktemp(char *template) {
    errno = ENOSYS;
    template[0] = '\0'; /* how mktemp fails */
    return template;
}
