package io.github.headlock.head;

import java.util.List;
import java.util.Set;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Holds the result of comparing the history with the migrations of this release.
 *
 * @param status the state of the schema
 * @param differences everything in which the two differ; what a later release has applied
 * is none
 * @param lacking versions of this release whose effect the database does not have
 * @param later whether the database has versions of a later release, applied or failed
 */
record Comparison(SchemaStatus status, List<Difference> differences, Set<MigrationVersion> lacking, boolean later) {

	/**
	 * Returns the same result for a process that can work with the schema nevertheless.
	 * @param reason why it can, or what differs
	 * @return a status that is ready
	 */
	SchemaStatus ready(String reason) {
		return new SchemaStatus(this.later ? SchemaState.AHEAD : SchemaState.AT_HEAD, this.status.currentVersion(),
				this.status.headVersion(), 0, reason);
	}

}
