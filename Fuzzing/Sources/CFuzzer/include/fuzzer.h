#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer with the program's arguments. Does not return if `one_input` traps.
int fuzz(int argc, char **argv, int (*one_input)(const uint8_t *data, size_t size));
