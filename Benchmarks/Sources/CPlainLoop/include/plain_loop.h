#pragma once
#include <stddef.h>

/// Writes the weighted mean of `count` vectors of `length` floats to `mean`, with one plain loop per thread.
void plain_weighted_mean(
    float *mean, const float *const *vectors, const float *fractions, size_t count, size_t length, size_t threads);
