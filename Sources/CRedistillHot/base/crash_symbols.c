/*
 * This file owns the names of addresses in a crash report. The program's own symbol table is looked through in its file,
 * which has the static functions too and needs no lock and no memory; other modules are told by their offset.
 */
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash.h"

/* The program's file, mapped. */
struct image {
    const char *bytes;
    size_t size;
    const ElfW(Sym) *symbols;
    size_t count;
    const char *names;
    size_t names_size;
};

static bool lies_within(const struct image *image, uint64_t offset, uint64_t size) {
    return offset <= image->size && size <= image->size - offset;
}

/* Finds .symtab and its names; a stripped program has none. */
static void find_symbols(struct image *image) {
    const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)image->bytes;
    if (!lies_within(image, 0, sizeof *header) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        !lies_within(image, header->e_shoff, (uint64_t)header->e_shnum * sizeof(ElfW(Shdr)))) {
        return;
    }
    const ElfW(Shdr) *sections = (const ElfW(Shdr) *)(image->bytes + header->e_shoff);
    for (unsigned i = 0; i < header->e_shnum; i++) {
        const ElfW(Shdr) *table = &sections[i];
        if (table->sh_type != SHT_SYMTAB || table->sh_link >= header->e_shnum) continue;
        const ElfW(Shdr) *names = &sections[table->sh_link];
        if (!lies_within(image, table->sh_offset, table->sh_size) ||
            !lies_within(image, names->sh_offset, names->sh_size) || names->sh_size == 0 ||
            image->bytes[names->sh_offset + names->sh_size - 1] != 0) {
            return;
        }
        image->symbols = (const ElfW(Sym) *)(image->bytes + table->sh_offset);
        image->count = table->sh_size / sizeof(ElfW(Sym));
        image->names = image->bytes + names->sh_offset;
        image->names_size = names->sh_size;
        return;
    }
}

static struct image open_program(void) {
    struct image image = {0};
    struct stat status;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return image;
    if (fstat(fd, &status) == 0 && status.st_size > 0) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            image.bytes = bytes;
            image.size = (size_t)status.st_size;
            find_symbols(&image);
        }
    }
    close(fd);
    return image;
}

static bool put_symbol(struct rd_crash_text *text, const struct image *image, uint64_t address) {
    const ElfW(Sym) *best = NULL;
    for (size_t i = 0; i < image->count; i++) {
        const ElfW(Sym) *symbol = &image->symbols[i];
        if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_value > address) continue;
        if (address - symbol->st_value < symbol->st_size && symbol->st_name < image->names_size) best = symbol;
    }
    if (!best) return false;
    rd_crash_put(text, image->names + best->st_name);
    rd_crash_put(text, "+");
    rd_crash_put_number(text, address - best->st_value, 16);
    return true;
}

/* A line of /proc/self/maps: "from-to rights offset device inode path". */
static uint64_t read_hex(const char **at) {
    uint64_t number = 0;
    for (;; (*at)++) {
        char c = **at;
        if (c >= '0' && c <= '9') number = number * 16 + (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f') number = number * 16 + (uint64_t)(c - 'a' + 10);
        else return number;
    }
}

static bool put_if_within(struct rd_crash_text *text, const char *line, uint64_t address) {
    uint64_t from = read_hex(&line);
    line += *line == '-';
    uint64_t to = read_hex(&line);
    if (address < from || address >= to) return false;
    for (; *line == ' '; line++) {}
    for (; *line && *line != ' '; line++) {}
    line += *line == ' ';
    uint64_t offset = read_hex(&line);
    const char *path = strchr(line, '/');
    rd_crash_put(text, path ? path : "?");
    rd_crash_put(text, "+");
    rd_crash_put_number(text, address - from + offset, 16);
    return true;
}

static void put_module(struct rd_crash_text *text, uint64_t address) {
    char line[512], chunk[1024];
    size_t length = 0;
    bool found = false;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    for (ssize_t count; fd >= 0 && !found && (count = read(fd, chunk, sizeof chunk)) > 0;) {
        for (ssize_t i = 0; i < count && !found; i++) {
            if (chunk[i] != '\n') {
                if (length < sizeof line - 1) line[length++] = chunk[i];
                continue;
            }
            line[length] = 0;
            length = 0;
            found = put_if_within(text, line, address);
        }
    }
    if (fd >= 0) close(fd);
    if (!found) rd_crash_put(text, "?");
}

void rd_crash_frames(const struct rd_crash *crash, struct rd_crash_text *text, void *const *frames, int count) {
    struct image image = open_program();
    for (int i = 0; i < count; i++) {
        uintptr_t address = (uintptr_t)frames[i];
        rd_crash_put(text, "  ");
        rd_crash_put_number(text, address, 16);
        rd_crash_put(text, " ");
        bool is_ours = address >= crash->base && address < crash->end;
        /* A return address may be the first byte of what follows; the call is before it. */
        if (!is_ours || !put_symbol(text, &image, address - crash->base - (i > 0))) put_module(text, address);
        rd_crash_put(text, "\n");
        rd_crash_flush(text);
    }
    if (image.bytes) munmap((void *)image.bytes, image.size);
}
