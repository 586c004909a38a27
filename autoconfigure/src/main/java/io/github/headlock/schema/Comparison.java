package io.github.headlock.schema;

import java.util.List;
import java.util.Objects;
import java.util.Set;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.schema.FailedMigrationException.FailedRow;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Holds the result of comparing the history with the migrations of this release.
 *
 * @param status the state of the schema
 * @param differences everything in which the two differ; what a later release has applied
 * is none, and neither is what Flyway's target leaves out
 * @param leftOut number of this release's versions that Flyway's target leaves out
 * @param lacking versions of this release whose effect the database does not have
 * @param later whether the database has versions of a later release, applied or failed
 */
record Comparison(SchemaStatus status, List<Difference> differences, int leftOut, Set<MigrationVersion> lacking,
		boolean later) {

	/**
	 * Returns the same result for a process that has been ready before.
	 * @param reason what differs since
	 * @return a status that is ready
	 */
	SchemaStatus stillReady(String reason) {
		return ready(this.leftOut, reason);
	}

	/**
	 * Returns the same result for a process whose Flyway has accepted the differences.
	 * What was never applied counts as pending all the same.
	 * @param reason what differs
	 * @return a status that is ready
	 */
	SchemaStatus accepted(String reason) {
		long pending = this.differences.stream().filter(Difference::pending).count();
		return ready(this.leftOut + (int) pending, reason);
	}

	/**
	 * Returns the same result where it cannot be told what was applied.
	 * @param reason why, before what differs
	 * @return a result whose state is unknown
	 */
	Comparison unknown(String reason) {
		return new Comparison(SchemaStatus.unknown(reason + this.status.reason()), this.differences, this.leftOut,
				this.lacking, this.later);
	}

	/**
	 * Finds the rows for which the state is {@link SchemaState#FAILED}.
	 * @return the rows; empty if the state is another one
	 */
	List<FailedRow> failedRows() {
		return (this.status.state() != SchemaState.FAILED) ? List.of() : this.differences.stream()
			.map(Difference::row)
			.filter(Objects::nonNull)
			.map((row) -> new FailedRow((row.version() != null) ? row.version().toString() : null, row.description()))
			.toList();
	}

	/** It is not ahead as long as the database lacks a version of this release. */
	private SchemaStatus ready(int pending, String reason) {
		return new SchemaStatus((this.later && this.leftOut == 0) ? SchemaState.AHEAD : SchemaState.AT_HEAD,
				this.status.currentVersion(), this.status.headVersion(), pending, reason);
	}

}
