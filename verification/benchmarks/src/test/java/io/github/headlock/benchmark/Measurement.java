package io.github.headlock.benchmark;

import java.util.Map;

/**
 * What was measured once.
 *
 * @param part the part of the benchmark
 * @param situation what is the same for all variants that are compared
 * @param variant the variant
 * @param round which of the rounds, from 1; the variants of one round ran one after the
 * other
 * @param values the values; without those that could not be measured
 */
record Measurement(String part, String situation, Variant variant, int round, Map<Metric, Double> values) {

}
