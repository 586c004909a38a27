package io.github.headlock.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells how the demo went, in text and in pictures.
 *
 * @param target folder for the pictures
 * @param logs folder of the replicas' logs
 * @param out where the text goes
 */
record DemoReport(Path target, Path logs, PrintStream out) {

	/** Flyway alone beside Headlock. */
	static final String COMPARISON = "rollout.svg";

	/** The rollouts that only Headlock's users can have. */
	static final String PATTERNS = "rollout-fast-path-and-job.svg";

	/** Rows that are changed while the application serves. */
	static final String BACKGROUND = "rollout-background.svg";

	/**
	 * Tells it.
	 * @param rollouts the rollouts with Headlock
	 * @param background the one with a background migration
	 * @param comparison the first of them and the one with Flyway alone
	 * @param checks what was promised of Headlock, and nothing of Flyway alone
	 * @return whether all checks hold
	 * @throws IOException if the pictures cannot be written
	 */
	boolean tell(List<RolloutTimeline> rollouts, RolloutTimeline background, Comparison comparison, List<Check> checks)
			throws IOException {
		this.out
			.println(TextTimeline.draw(Stream.of(rollouts.stream(), Stream.of(background), comparison.plain().stream())
				.flatMap((some) -> some)
				.toList()));
		checks.forEach(this.out::println);
		boolean kept = checks.stream().allMatch(Check::kept);
		this.out.printf("%n%s%n%n", kept ? "All checks hold." : "Not all checks hold.");
		comparison.sentences().forEach(this.out::println);
		write(COMPARISON, comparison.picture());
		write(PATTERNS, SvgTimeline.draw("With Headlock: one more start on the same schema, and the rollout with a Job",
				rollouts.subList(1, rollouts.size())));
		write(BACKGROUND, SvgTimeline.draw(
				"With Headlock: a background migration, and the next release, which requires it, too early and then again",
				List.of(background)));
		this.out.printf("Logs:    %s%n", this.logs);
		return kept;
	}

	private void write(String name, String picture) throws IOException {
		Path file = this.target.resolve(name);
		Files.writeString(file, picture);
		this.out.printf("Picture: %s%n", file);
	}

}
