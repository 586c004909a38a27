package io.github.headlock.schema;

import java.util.concurrent.TimeUnit;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.history.AppliedRows;
import io.github.headlock.history.History;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.Configuration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Listing the migrations of a release, and comparing them with the history, in a JVM that
 * has done both often.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ListingBenchmark {

	/** Folder with the migrations. */
	@Param("")
	private String folder = "";

	private Configuration configuration = Flyway.configure();

	private ReleaseMigrations release = ReleaseMigrations.of(this.configuration);

	private History history = History.NONE;

	/** Lists them once, and makes the history of a schema at head. */
	@Setup
	public void prepare() {
		this.configuration = Flyway.configure().locations("filesystem:" + this.folder);
		this.release = listing();
		this.history = AppliedRows.of(this.release.resolved());
		SchemaStatus status = compare().status();
		if (status.state() != SchemaState.AT_HEAD) {
			throw new IllegalStateException(String.valueOf(status));
		}
	}

	/**
	 * Lists them as Headlock does.
	 * @return the migrations
	 */
	@Benchmark
	public ReleaseMigrations listing() {
		return MigrationListing.of(this.configuration, true).release().orElseThrow();
	}

	/**
	 * Lists them by Flyway's own resolver.
	 * @return the migrations
	 */
	@Benchmark
	public ReleaseMigrations listingOfFlyway() {
		return ReleaseMigrations.of(this.configuration);
	}

	/**
	 * Compares them with the history.
	 * @return the result
	 */
	@Benchmark
	public Object comparison() {
		return compare();
	}

	private Comparison compare() {
		return new HeadComparison(this.configuration, this.release, null).compare(this.history);
	}

}
