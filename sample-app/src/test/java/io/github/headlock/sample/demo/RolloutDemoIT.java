package io.github.headlock.sample.demo;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The demo itself, in small, with the packaged application and through PgBouncer.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RolloutDemoIT {

	private static final Path TARGET = Path.of(System.getProperty("demo.target"));

	private final ByteArrayOutputStream output = new ByteArrayOutputStream();

	private final RolloutDemo demo = new RolloutDemo(TARGET,
			new PrintStream(this.output, true, StandardCharsets.UTF_8));

	@Test
	void twoReplicasGetReadyThreeTimesWithHeadlockAndAllChecksHold() throws Exception {
		int exitCode = this.demo.run("--replicas", "2", "--limit", "30");
		String text = this.output.toString(StandardCharsets.UTF_8);
		assertThat(exitCode).as(text).isZero();
		assertThat(text).contains("reached through PgBouncer")
			.contains("first rollout: every replica is ready: 2 of 2")
			.contains("second rollout: replicas on the fast path: 2")
			.contains("7 files, 7 rows, 7 successful")
			.contains("third rollout: every pod is ready and did not migrate: 2 of 2")
			.contains("third rollout: what the pods' role may do with the history: [SELECT]")
			.contains(
					"fourth rollout: the next release is refused while the column is being filled: refused with exit code 11")
			.contains("fourth rollout: the refusal changes nothing: 7 migrations, tariff nullable, 3 checks")
			.contains("fourth rollout: from then on every parcel must have a tariff: 9 migrations, tariff NOT NULL")
			.contains(
					"fourth rollout: every imported parcel was changed once, and no other: 200000 of 200000, finished")
			.containsPattern("fourth rollout: every request is answered: \\d+ requests answered, .*, 0 failed")
			.contains("All checks hold.")
			.doesNotContain("[FAILED]");
		// what becomes of Flyway alone is told, and not expected
		assertThat(text).contains("Rollout 5: 2 replicas at once on an empty database, with Flyway alone")
			.containsPattern("Flyway alone:  [0-2] of 2 ready after ")
			.containsPattern("With Headlock: 2 of 2 ready after ");
		assertThat(text).containsPattern("replica-[12] .*#+-*\\| .* migrated in ")
			.containsPattern("job .*#+-*\\| .* migrated in .* s, exit code 0")
			.containsPattern("pod-1 .*\\.o+\\| .* OUT_OF_SERVICE for .* s, then UP")
			.containsPattern("pod-2 .*\\.~+-*\\| .* waited ")
			.containsPattern("(?m)^  fill_tariff +\\d+ % +\\d+ rows/s   \\d+ requests answered, .*, 0 failed$")
			.containsPattern("fill_tariff .* s +[0-9]+\\*+ .* 200000 rows in .* rows/s")
			.containsPattern("next-1 .*\\.! +never  refused with exit code 11: fill_tariff is running, \\d+ %")
			.containsPattern("next-2 .*#+-*\\| .* migrated in ")
			.contains("requires the background migration \"fill_tariff\": running, ",
					"Nothing was changed: the release that ran until now can go on, and goes on with it.");
		assertThat(TARGET.resolve("rollout.svg")).content()
			.contains("replica-1", "replica-2", ">Flyway alone<", ">With Headlock<");
		assertThat(TARGET.resolve("rollout-fast-path-and-job.svg")).content()
			.contains("replica-1", "replica-2", "Rollout 2", "pod-1", "Rollout 3");
		assertThat(TARGET.resolve("rollout-background.svg")).content()
			.contains("fill_tariff", "Rollout 4", "pod-1", "next-1", "next-2", "1 refused, 3 of 3 ready");
	}

	@Test
	void aWrongArgumentIsExplained() throws Exception {
		assertThat(this.demo.run("--replicas", "none")).isEqualTo(2);
		assertThat(this.output.toString(StandardCharsets.UTF_8))
			.isEqualTo("bin/demo: --replicas must be a number from 1 to 50, not 'none'%n".formatted());
	}

}
