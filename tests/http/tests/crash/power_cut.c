/* A model of a power cut, preloaded into a process: whenever a file of the database is synced, its content is copied aside. After
 * the process is killed the copies are what a disk would hold; whatever was written later never happened.
 *
 * POWER_CUT_FILES  the database; files whose path begins so are its files
 * POWER_CUT_DISK   the folder of the copies
 * POWER_CUT_LIES   when set, nothing is copied: a disk that says it has synced and has not
 * POWER_CUT_BROKEN a file; while it is there syncing fails, as on a disk that breaks
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, BLOCK_SIZE = 1 << 16 };

static const char *name_on_disk(const char *path, char *copy) {
    const char *files = getenv("POWER_CUT_FILES"), *disk = getenv("POWER_CUT_DISK"), *name = strrchr(path, '/');
    if (!files || !disk || !name || strncmp(path, files, strlen(files)) != 0) return NULL;
    return snprintf(copy, PATH_SIZE, "%s%s", disk, name) < PATH_SIZE ? copy : NULL;
}

static void keep(int file) {
    static __thread char block[BLOCK_SIZE];
    char link[64], path[PATH_SIZE], copy[PATH_SIZE], fresh[PATH_SIZE + 4];
    if (getenv("POWER_CUT_LIES")) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    if (!name_on_disk(path, copy)) return;
    snprintf(fresh, sizeof fresh, "%s.new", copy);
    /* A descriptor of its own: the caller's may be open for writing only. */
    int from = open(path, O_RDONLY), to = open(fresh, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    ssize_t got;
    while ((got = read(from, block, sizeof block)) > 0)
        if (write(to, block, (size_t)got) != got) abort();
    close(from);
    close(to);
    rename(fresh, copy);
}

static int sync_with(const char *function, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, function);
    const char *broken = getenv("POWER_CUT_BROKEN");
    if (broken && access(broken, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    int failed = real(file);
    if (!failed) keep(file);
    return failed;
}

int fsync(int file) { return sync_with("fsync", file); }

int fdatasync(int file) { return sync_with("fdatasync", file); }

int unlink(const char *path) {
    int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
    char copy[PATH_SIZE];
    int failed = real(path);
    if (!failed && name_on_disk(path, copy)) real(copy);
    return failed;
}
