#include "fuzzer.h"

/* The entry point of libFuzzer, which comes with the compiler. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one_input)(const uint8_t *data, size_t size));

static int (*target)(const uint8_t *data, size_t size);

/* The name that libFuzzer's own main function would call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return target(data, size); }

int fuzz(int argc, char **argv, int (*one_input)(const uint8_t *data, size_t size)) {
  target = one_input;
  return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput);
}
