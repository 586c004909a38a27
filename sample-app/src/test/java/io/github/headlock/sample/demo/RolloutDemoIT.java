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
			.contains("6 files, 6 rows, 6 successful")
			.contains("third rollout: every pod is ready and did not migrate: 2 of 2")
			.contains("third rollout: what the pods' role may do with the history: [SELECT]")
			.contains("All checks hold.")
			.doesNotContain("[FAILED]");
		// what becomes of Flyway alone is told, and not expected
		assertThat(text).contains("Rollout 4: 2 replicas at once on an empty database, with Flyway alone")
			.containsPattern("Flyway alone:  [0-2] of 2 ready after ")
			.containsPattern("With Headlock: 2 of 2 ready after ");
		assertThat(text).containsPattern("replica-[12] .*#+-*\\| .* migrated in ")
			.containsPattern("job .*#+-*\\| .* migrated in .* s, exit code 0")
			.containsPattern("pod-1 .*\\.o+\\| .* OUT_OF_SERVICE for .* s, then UP")
			.containsPattern("pod-2 .*\\.~+-*\\| .* waited ");
		assertThat(TARGET.resolve("rollout.svg")).content()
			.contains("replica-1", "replica-2", ">Flyway alone<", ">With Headlock<");
		assertThat(TARGET.resolve("rollout-fast-path-and-job.svg")).content()
			.contains("replica-1", "replica-2", "Rollout 2", "pod-1", "Rollout 3");
	}

	@Test
	void aWrongArgumentIsExplained() throws Exception {
		assertThat(this.demo.run("--replicas", "none")).isEqualTo(2);
		assertThat(this.output.toString(StandardCharsets.UTF_8))
			.isEqualTo("bin/demo: --replicas must be a number from 1 to 50, not 'none'%n".formatted());
	}

}
