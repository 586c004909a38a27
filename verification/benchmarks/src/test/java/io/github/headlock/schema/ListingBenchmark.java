package io.github.headlock.schema;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
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

	private static final String LOCATION = "db/migration";

	/** Folder of a class path that has the migrations. */
	@Param("")
	private String folder = "";

	private Configuration configuration = Flyway.configure();

	private ReleaseMigrations release = ReleaseMigrations.of(this.configuration);

	private History history = History.none(false);

	/**
	 * Lists them once, and makes the history of a schema at head.
	 * @throws IOException if the folder has no URL
	 */
	@Setup
	public void prepare() throws IOException {
		URL[] classPath = { Path.of(this.folder).toUri().toURL() };
		this.configuration = Flyway.configure(new URLClassLoader(classPath, getClass().getClassLoader()))
			.locations("classpath:" + LOCATION);
		this.release = SqlFileScan.of(this.configuration).orElseThrow();
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
