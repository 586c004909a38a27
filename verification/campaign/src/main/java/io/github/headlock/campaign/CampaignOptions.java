package io.github.headlock.campaign;

import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * StepBarriers what the user asked for on the command line.
 *
 * @param rounds number of rounds
 * @param seed seed of the first round; each next one has the next
 * @param plain whether the same rounds are run without Headlock as well
 * @param patience how long after the last fault replicas may take to be ready
 * @param lanes how many rounds run at a time, each with a server of its own
 * @param fault the kind of fault that each round must have, {@code null} for any; seeds
 * of other rounds are passed over
 * @param failover whether there is a standby, which takes the place of the primary
 * @param background whether rounds are about background migrations
 */
record CampaignOptions(int rounds, long seed, boolean plain, Duration patience, int lanes, @Nullable FaultKind fault,
		boolean failover, boolean background) {

	static final int DEFAULT_ROUNDS = 20;

	static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(45);

	private static final int MAX_ROUNDS = 100_000;

	private static final int MAX_LANES = 16;

	/**
	 * Reads the command line.
	 * @param arguments the arguments; of one that is repeated the last counts
	 * @return the options
	 * @throws IllegalArgumentException if they make no sense; the message says why
	 */
	static CampaignOptions parse(String... arguments) {
		int rounds = DEFAULT_ROUNDS;
		long seed = 1;
		boolean plain = false;
		Duration patience = DEFAULT_PATIENCE;
		int lanes = 1;
		FaultKind fault = null;
		boolean failover = false;
		boolean background = false;
		Iterator<String> rest = List.of(arguments).iterator();
		while (rest.hasNext()) {
			String argument = rest.next();
			switch (argument) {
				case "--plain" -> plain = true;
				case "--failover" -> failover = true;
				case "--background" -> background = true;
				case "--rounds" -> rounds = (int) number(argument, rest, 1, MAX_ROUNDS);
				case "--seed" -> seed = number(argument, rest, 0, Integer.MAX_VALUE);
				case "--patience" -> patience = Duration.ofSeconds(number(argument, rest, 1, 3600));
				case "--lanes" -> lanes = (int) number(argument, rest, 1, MAX_LANES);
				case "--fault" -> fault = fault(rest.hasNext() ? rest.next() : "");
				default -> throw new IllegalArgumentException("unknown argument: " + argument);
			}
		}
		if (failover && plain) {
			throw new IllegalArgumentException("--failover and --plain exclude each other");
		}
		if (background && (failover || plain || fault != null)) {
			throw new IllegalArgumentException(String.format(Locale.ROOT, "--background and %s exclude each other",
					failover ? "--failover" : plain ? "--plain" : "--fault"));
		}
		if (fault != null && !fault.isDrawn(failover)) {
			throw new IllegalArgumentException(String.format(Locale.ROOT, "--fault %s occurs only %s --failover", fault,
					failover ? "without" : "with"));
		}
		return new CampaignOptions(rounds, seed, plain, patience, lanes, fault, failover, background);
	}

	/**
	 * Returns the command that runs one round again.
	 * @param seed its seed
	 * @param withPlain whether it was one without Headlock
	 * @return the command line
	 */
	String again(long seed, boolean withPlain) {
		return String.format(Locale.ROOT, "bin/campaign --seed %d --rounds 1", seed)
				+ (this.patience.equals(DEFAULT_PATIENCE) ? "" : " --patience " + this.patience.toSeconds())
				+ (withPlain ? " --plain" : "") + (this.failover ? " --failover" : "")
				+ (this.background ? " --background" : "");
	}

	private static FaultKind fault(String name) {
		return Arrays.stream(FaultKind.values())
			.filter((kind) -> kind.toString().equals(name))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(String.format(Locale.ROOT,
					"--fault must be one of %s, not '%s'",
					Arrays.stream(FaultKind.values()).map(FaultKind::toString).collect(Collectors.joining(", ")),
					name)));
	}

	private static long number(String name, Iterator<String> rest, long least, long most) {
		String text = rest.hasNext() ? rest.next() : "";
		if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) < least || Long.parseLong(text) > most) {
			throw new IllegalArgumentException(
					String.format(Locale.ROOT, "%s must be a number from %d to %d, not '%s'", name, least, most, text));
		}
		return Long.parseLong(text);
	}

}
