#include "plain_loop.h"

#include <pthread.h>

typedef struct {
  float *mean;
  const float *const *vectors;
  const float *fractions;
  size_t count, begin, end;
} Share;

static void *work(void *argument) {
  const Share *share = argument;
  for (size_t i = share->begin; i < share->end; i++) share->mean[i] = 0;
  for (size_t v = 0; v < share->count; v++) {
    float *restrict mean = share->mean;
    const float *restrict vector = share->vectors[v];
    const float fraction = share->fractions[v];
    for (size_t i = share->begin; i < share->end; i++) mean[i] += fraction * vector[i];
  }
  return NULL;
}

void plain_weighted_mean(
    float *mean, const float *const *vectors, const float *fractions, size_t count, size_t length, size_t threads) {
  pthread_t handles[64];
  Share shares[64];
  if (threads > 64) threads = 64;
  for (size_t t = 0; t < threads; t++) {
    shares[t] = (Share){mean, vectors, fractions, count, length * t / threads, length * (t + 1) / threads};
    pthread_create(&handles[t], NULL, work, &shares[t]);
  }
  for (size_t t = 0; t < threads; t++) pthread_join(handles[t], NULL);
}
