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
 * @param page whether the page of the documentation is written
 */
record BenchmarkOptions(List<String> parts, List<Integer> sizes, List<Integer> applied, List<Integer> delays,
		List<Integer> replicas, int rounds, boolean page) {

	private static final List<String> PARTS = List.of(HeadPart.NAME, ListingPart.NAME, ApplyPart.NAME, RolloutPart.NAME,
			WaitersPart.NAME);

	private static final BenchmarkOptions FULL = new BenchmarkOptions(PARTS, List.of(10, 100, 1000, 5000),
			List.of(100, 1000), List.of(0, 1), List.of(3, 24, 100), 11, false);

	private static final BenchmarkOptions SHORT = new BenchmarkOptions(PARTS, List.of(10, 100, 1000), List.of(100),
			List.of(0, 1), List.of(3, 24), 3, false);

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
		int rounds = otherwise.rounds;
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
				case "--rounds" -> rounds = numbers(argument, rest, 1, 1000).get(0);
				default -> throw new IllegalArgumentException("unknown argument: " + argument);
			}
		}
		return new BenchmarkOptions(parts, sizes, applied, delays, replicas, rounds, page);
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
