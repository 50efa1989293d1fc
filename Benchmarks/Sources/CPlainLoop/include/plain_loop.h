#pragma once
#include <stddef.h>

/// Writes into `mean` the weighted mean of `count` vectors of `length` floats, with a loop a thread and nothing clever.
void plain_weighted_mean(
    float *mean, const float *const *vectors, const float *fractions, size_t count, size_t length, size_t threads);
