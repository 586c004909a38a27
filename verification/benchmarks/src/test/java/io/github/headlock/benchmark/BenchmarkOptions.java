package io.github.headlock.benchmark;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * Holds what the user asked for on the command line.
 *
 * @param parts the parts to run
 * @param sizes numbers of migrations, of the starts at head
 * @param applied numbers of migrations that are applied
 * @param delays milliseconds that a round trip takes while they are
 * @param replicas numbers of replicas of a rollout
 * @param rounds how often each is measured
 */
record BenchmarkOptions(List<String> parts, List<Integer> sizes, List<Integer> applied, List<Integer> delays,
		List<Integer> replicas, int rounds) {

	private static final List<String> PARTS = List.of(HeadPart.NAME, ApplyPart.NAME, RolloutPart.NAME,
			WaitersPart.NAME);

	private static final BenchmarkOptions FULL = new BenchmarkOptions(PARTS, List.of(10, 100, 1000, 5000),
			List.of(100, 1000), List.of(0, 1), List.of(3, 24, 100), 11);

	private static final BenchmarkOptions SHORT = new BenchmarkOptions(PARTS, List.of(10, 100, 1000), List.of(100),
			List.of(0, 1), List.of(3, 24), 3);

	/**
	 * Reads the command line.
	 * @param arguments the arguments; of one that is repeated the last counts
	 * @return the options
	 * @throws IllegalArgumentException if they make no sense; the message says why
	 */
	static BenchmarkOptions parse(String... arguments) {
		BenchmarkOptions options = Arrays.asList(arguments).contains("--short") ? SHORT : FULL;
		Iterator<String> rest = List.of(arguments).iterator();
		while (rest.hasNext()) {
			options = options.with(rest.next(), rest);
		}
		return options;
	}

	private BenchmarkOptions with(String argument, Iterator<String> rest) {
		return switch (argument) {
			case "--short" -> this;
			case "--parts" ->
				new BenchmarkOptions(parts(rest), this.sizes, this.applied, this.delays, this.replicas, this.rounds);
			case "--sizes" -> sized(numbers(argument, rest, 1, 10_000));
			case "--delays" -> new BenchmarkOptions(this.parts, this.sizes, this.applied,
					numbers(argument, rest, 0, 1000), this.replicas, this.rounds);
			case "--replicas" -> new BenchmarkOptions(this.parts, this.sizes, this.applied, this.delays,
					numbers(argument, rest, 1, 200), this.rounds);
			case "--rounds" -> new BenchmarkOptions(this.parts, this.sizes, this.applied, this.delays, this.replicas,
					numbers(argument, rest, 1, 1000).get(0));
			default -> throw new IllegalArgumentException("unknown argument: " + argument);
		};
	}

	private BenchmarkOptions sized(List<Integer> numbers) {
		return new BenchmarkOptions(this.parts, numbers, numbers, this.delays, this.replicas, this.rounds);
	}

	private static List<String> parts(Iterator<String> rest) {
		List<String> parts = words(rest);
		if (!PARTS.containsAll(parts)) {
			throw new IllegalArgumentException(String.format(Locale.ROOT, "--parts must be of %s, not '%s'",
					String.join(",", PARTS), String.join(",", parts)));
		}
		return parts;
	}

	private static List<Integer> numbers(String name, Iterator<String> rest, int least, int most) {
		List<String> words = words(rest);
		for (String word : words) {
			if (!word.matches("[0-9]{1,6}") || Integer.parseInt(word) < least || Integer.parseInt(word) > most) {
				throw new IllegalArgumentException(
						String.format(Locale.ROOT, "%s must be from %d to %d, not '%s'", name, least, most, word));
			}
		}
		return words.stream().map(Integer::valueOf).toList();
	}

	private static List<String> words(Iterator<String> rest) {
		return rest.hasNext() ? List.of(rest.next().split(",", -1)) : List.of("");
	}

	/** Rollouts take long, so they are measured a third as often, but at least once. */
	int rollouts() {
		return Math.max(1, this.rounds / 3);
	}

}
