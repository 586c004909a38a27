package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.Optional;

/**
 * Holds what the user asked for on the command line.
 *
 * @param replicas number of replicas that start at once
 * @param limit longest wait for replicas without Headlock; zero leaves their rollout out,
 * empty if the user did not say
 */
record DemoOptions(int replicas, Optional<Duration> limit) {

	static final int DEFAULT_REPLICAS = 6;

	static final int MAX_REPLICAS = 50;

	/** In seconds. */
	static final int MAX_LIMIT = 600;

	private static final String REPLICAS = "--replicas";

	private static final String LIMIT = "--limit";

	/**
	 * Reads the command line.
	 * @param arguments the arguments; of one that is repeated the last counts
	 * @return the options
	 * @throws IllegalArgumentException if they make no sense; the message says why
	 */
	static DemoOptions parse(String... arguments) {
		DemoOptions options = new DemoOptions(DEFAULT_REPLICAS, Optional.empty());
		for (int i = 0; i < arguments.length; i++) {
			String[] nameAndValue = arguments[i].split("=", 2);
			String name = nameAndValue[0];
			if (!name.equals(REPLICAS) && !name.equals(LIMIT)) {
				throw new IllegalArgumentException("unknown argument: " + arguments[i]);
			}
			if (nameAndValue.length == 1 && ++i == arguments.length) {
				throw new IllegalArgumentException(name + " needs a number");
			}
			options = options.with(name, (nameAndValue.length == 1) ? arguments[i] : nameAndValue[1]);
		}
		return options;
	}

	private DemoOptions with(String name, String value) {
		return name.equals(REPLICAS) ? new DemoOptions(number(name, value, 1, MAX_REPLICAS), this.limit)
				: new DemoOptions(this.replicas, Optional.of(Duration.ofSeconds(number(name, value, 0, MAX_LIMIT))));
	}

	private static int number(String name, String text, int least, int most) {
		if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
			throw new IllegalArgumentException(
					"%s must be a number from %d to %d, not '%s'".formatted(name, least, most, text));
		}
		return Integer.parseInt(text);
	}

}
