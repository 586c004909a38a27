package io.github.headlock.campaign;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/**
 * Holds what the user asked for on the command line.
 *
 * @param rounds number of rounds
 * @param seed seed of the first round; each next one has the next
 * @param plain whether the same rounds are run without Headlock as well
 * @param patience how long after the last fault replicas may take to be ready
 */
record CampaignOptions(int rounds, long seed, boolean plain, Duration patience) {

	static final int DEFAULT_ROUNDS = 20;

	private static final int MAX_ROUNDS = 100_000;

	/**
	 * Reads the command line.
	 * @param arguments the arguments; of one that is repeated the last counts
	 * @return the options
	 * @throws IllegalArgumentException if they make no sense; the message says why
	 */
	static CampaignOptions parse(String... arguments) {
		CampaignOptions options = new CampaignOptions(DEFAULT_ROUNDS, 1, false, Duration.ofSeconds(45));
		Iterator<String> rest = List.of(arguments).iterator();
		while (rest.hasNext()) {
			String argument = rest.next();
			options = switch (argument) {
				case "--plain" -> new CampaignOptions(options.rounds, options.seed, true, options.patience);
				case "--rounds" -> new CampaignOptions((int) number(argument, rest, 1, MAX_ROUNDS), options.seed,
						options.plain, options.patience);
				case "--seed" -> new CampaignOptions(options.rounds, number(argument, rest, 0, Integer.MAX_VALUE),
						options.plain, options.patience);
				case "--patience" -> new CampaignOptions(options.rounds, options.seed, options.plain,
						Duration.ofSeconds(number(argument, rest, 1, 3600)));
				default -> throw new IllegalArgumentException("unknown argument: " + argument);
			};
		}
		return options;
	}

	private static long number(String name, Iterator<String> rest, long least, long most) {
		String text = rest.hasNext() ? rest.next() : "";
		if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) < least || Long.parseLong(text) > most) {
			throw new IllegalArgumentException(
					"%s must be a number from %d to %d, not '%s'".formatted(name, least, most, text));
		}
		return Long.parseLong(text);
	}

}
