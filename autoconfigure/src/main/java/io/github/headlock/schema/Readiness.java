package io.github.headlock.schema;

import java.util.Set;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Remembers that this process has found the schema ready, so that what other releases do
 * later does not make it unready: it stays ready until the effect of one of its own
 * versions is gone. Thread-safe.
 */
final class Readiness {

	/** What was lacking when the schema was ready; {@code null} until it was. */
	private @Nullable Set<MigrationVersion> lackingWhenReady;

	private Set<Difference> accepted = Set.of();

	/**
	 * Accepts the differences that a successful run of Flyway has left, because Flyway
	 * decides what is applied. Another difference counts. A migration that this run was
	 * told to leave out does not make this process unready, and stays pending.
	 * @param seen the comparison right after the run
	 * @return the status
	 */
	synchronized SchemaStatus accept(Comparison seen) {
		this.accepted = Set.copyOf(seen.differences());
		return judge(seen);
	}

	/**
	 * Judges what a start has found.
	 * @param seen the comparison
	 * @return the status, ready if only accepted differences are left
	 */
	synchronized SchemaStatus judge(Comparison seen) {
		SchemaStatus status = seen.status();
		if (status.state() == SchemaState.BEHIND && !seen.differences().isEmpty()
				&& this.accepted.containsAll(seen.differences())) {
			status = seen.accepted("accepted after a successful run of Flyway: " + status.reason());
		}
		if (status.state().isReady()) {
			this.lackingWhenReady = Set.copyOf(seen.lacking());
		}
		return status;
	}

	/**
	 * Judges what a process has found after its start.
	 * @param seen the comparison
	 * @return the status, ready if it ever was, unless a version is gone since
	 */
	synchronized SchemaStatus judgeLater(Comparison seen) {
		SchemaStatus status = judge(seen);
		if (!status.state().isReady() && this.lackingWhenReady != null
				&& this.lackingWhenReady.containsAll(seen.lacking())) {
			return seen.stillReady("changed since this process found it ready: " + status.reason());
		}
		return status;
	}

}
