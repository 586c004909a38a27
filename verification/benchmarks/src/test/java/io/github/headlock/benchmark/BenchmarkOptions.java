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
 * @param rows numbers of rows that a migration changes
 * @param rounds how often each is measured
 * @param backfills how often migrations of many rows are, which take long
 * @param page whether the page of the documentation is written
 */
record BenchmarkOptions(List<String> parts, List<Integer> sizes, List<Integer> applied, List<Integer> delays,
		List<Integer> replicas, List<Integer> rows, int rounds, int backfills, boolean page) {

	private static final List<String> PARTS = List.of(HeadPart.NAME, ListingPart.NAME, ApplyPart.NAME, RolloutPart.NAME,
			WaitersPart.NAME, BackgroundPart.NAME);

	private static final BenchmarkOptions FULL = new BenchmarkOptions(PARTS, List.of(10, 100, 1000, 5000),
			List.of(100, 1000), List.of(0, 1), List.of(3, 24, 100), List.of(1_000_000), 11, 5, false);

	private static final BenchmarkOptions SHORT = new BenchmarkOptions(PARTS, List.of(10, 100, 1000), List.of(100),
			List.of(0, 1), List.of(3, 24), List.of(100_000), 3, 3, false);

	/**
	 * Reads the command line.
	 * @param arguments the arguments; of one that is repeated the last counts
	 * @return the options
	 * @throws IllegalArgumentException if they make no sense; the message says why
	 */
	static BenchmarkOptions parse(String... arguments) {
		BenchmarkOptions otherwise = Arrays.asList(arguments).contains("--short") ? SHORT : FULL;
		List<String> parts = otherwise.parts;
		List<Integer> sizes = otherwise.sizes;
		List<Integer> applied = otherwise.applied;
		List<Integer> delays = otherwise.delays;
		List<Integer> replicas = otherwise.replicas;
		List<Integer> rows = otherwise.rows;
		int rounds = otherwise.rounds;
		int backfills = otherwise.backfills;
		boolean page = false;
		Iterator<String> rest = List.of(arguments).iterator();
		while (rest.hasNext()) {
			String argument = rest.next();
			switch (argument) {
				case "--short" -> {
				}
				case "--page" -> page = true;
				case "--parts" -> parts = parts(rest);
				case "--sizes" -> {
					sizes = numbers(argument, rest, 1, 10_000);
					applied = sizes;
				}
				case "--delays" -> delays = numbers(argument, rest, 0, 1000);
				case "--replicas" -> replicas = numbers(argument, rest, 1, 200);
				case "--rows" -> rows = numbers(argument, rest, 1000, 9_999_999);
				case "--rounds" -> {
					rounds = numbers(argument, rest, 1, 1000).get(0);
					backfills = rounds;
				}
				default -> throw new IllegalArgumentException("unknown argument: " + argument);
			}
		}
		return new BenchmarkOptions(parts, sizes, applied, delays, replicas, rows, rounds, backfills, page);
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
			if (!word.matches("[0-9]{1,7}") || Integer.parseInt(word) < least || Integer.parseInt(word) > most) {
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
