package io.github.headlock.test;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What tests expect of the starts of a replica.
 */
public final class Starts {

	private Starts() {
	}

	/** Starts twice: the first one migrates, the second one has nothing to do. */
	public static void assertMigratesOnce(Replica replica, int migrations) {
		assertThat(replica.startAndStop()).extracting(MigrationReport::outcome, MigrationReport::migrations)
			.containsExactly(MigrationOutcome.MIGRATED, migrations);
		assertThat(replica.startAndStop()).extracting(MigrationReport::outcome, MigrationReport::migrations)
			.containsExactly(MigrationOutcome.FAST_PATH, 0);
	}

}
