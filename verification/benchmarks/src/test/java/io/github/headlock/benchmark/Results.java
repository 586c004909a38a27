package io.github.headlock.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Holds what was measured, and compares it. A file has all of it from the first
 * measurement on.
 */
final class Results {

	private final List<Measurement> all = new ArrayList<>();

	private final Path file;

	Results(Path file) {
		this.file = file;
		write("part,situation,variant,round,metric,value\n");
	}

	void add(Measurement measurement) {
		this.all.add(measurement);
		StringBuilder lines = new StringBuilder();
		new TreeMap<>(measurement.values()).forEach((metric, value) -> lines
			.append(String.format(Locale.ROOT, "%s,\"%s\",%s,%d,%s,%.3f%n", measurement.part(), measurement.situation(),
					measurement.variant(), measurement.round(), metric, value)));
		write(lines.toString());
	}

	private void write(String lines) {
		try {
			Files.writeString(this.file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The situations of a part, in the order in which they were measured. */
	List<String> situations(String part) {
		return this.all.stream()
			.filter((measurement) -> measurement.part().equals(part))
			.map(Measurement::situation)
			.distinct()
			.toList();
	}

	/** How often a part was measured. */
	int rounds(String part) {
		return this.all.stream()
			.filter((measurement) -> measurement.part().equals(part))
			.mapToInt(Measurement::round)
			.max()
			.orElse(0);
	}

	/** Empty if it was not measured. */
	Optional<Spread> spread(String part, String situation, Variant variant, Metric metric) {
		Collection<Double> values = byRound(part, situation, variant, metric).values();
		return values.isEmpty() ? Optional.empty() : Optional.of(Spread.of(values));
	}

	/**
	 * How many times that of plain Flyway it is with Headlock, compared within each round
	 * because the machine may be slower in another. Empty if there is nothing to compare.
	 */
	Optional<Spread> ratio(String part, String situation, Metric metric) {
		Map<Integer, Double> headlock = byRound(part, situation, Variant.HEADLOCK, metric);
		Map<Integer, Double> plain = byRound(part, situation, Variant.PLAIN, metric);
		plain.values().removeIf((value) -> value <= 0);
		headlock.keySet().retainAll(plain.keySet());
		headlock.replaceAll((round, value) -> value / plain.get(round));
		return headlock.isEmpty() ? Optional.empty() : Optional.of(Spread.of(headlock.values()));
	}

	/**
	 * How many times the median of plain Flyway that with Headlock is. Empty if there is
	 * nothing to compare.
	 */
	Optional<Double> ratioOfMedians(String part, String situation, Metric metric) {
		return spread(part, situation, Variant.PLAIN, metric).filter((plain) -> plain.median() > 0)
			.flatMap((plain) -> spread(part, situation, Variant.HEADLOCK, metric)
				.map((headlock) -> headlock.median() / plain.median()));
	}

	private Map<Integer, Double> byRound(String part, String situation, Variant variant, Metric metric) {
		Map<Integer, Double> values = new TreeMap<>();
		this.all.stream()
			.filter((measurement) -> measurement.part().equals(part) && measurement.situation().equals(situation)
					&& measurement.variant() == variant && measurement.values().containsKey(metric))
			.forEach((measurement) -> values.put(measurement.round(), measurement.values().get(metric)));
		return values;
	}

}
