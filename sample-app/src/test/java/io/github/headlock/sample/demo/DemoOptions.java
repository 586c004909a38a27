package io.github.headlock.sample.demo;

/**
 * Holds what the user asked for on the command line.
 *
 * @param replicas number of replicas that start at once
 */
record DemoOptions(int replicas) {

	static final int DEFAULT_REPLICAS = 6;

	static final int MAX_REPLICAS = 50;

	/**
	 * Reads the command line.
	 * @param arguments the arguments; of one that is repeated the last counts
	 * @return the options
	 * @throws IllegalArgumentException if they make no sense; the message says why
	 */
	static DemoOptions parse(String... arguments) {
		int replicas = DEFAULT_REPLICAS;
		for (int i = 0; i < arguments.length; i++) {
			String argument = arguments[i];
			if (argument.startsWith("--replicas=")) {
				replicas = replicas(argument.substring("--replicas=".length()));
			}
			else if (argument.equals("--replicas") && i + 1 < arguments.length) {
				replicas = replicas(arguments[++i]);
			}
			else if (argument.equals("--replicas")) {
				throw new IllegalArgumentException("--replicas needs a number");
			}
			else {
				throw new IllegalArgumentException("unknown argument: " + argument);
			}
		}
		return new DemoOptions(replicas);
	}

	private static int replicas(String text) {
		if (!text.matches("[0-9]{1,2}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_REPLICAS) {
			throw new IllegalArgumentException(
					"--replicas must be a number from 1 to %d, not '%s'".formatted(MAX_REPLICAS, text));
		}
		return Integer.parseInt(text);
	}

}
