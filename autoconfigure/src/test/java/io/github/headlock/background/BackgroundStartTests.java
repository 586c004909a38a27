package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import io.github.headlock.actuate.BoundedSchemaProbe;
import io.github.headlock.actuate.HeadlockMeters;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.background.GatedReleases.Release;
import io.github.headlock.background.GatedReleases.Text;
import io.github.headlock.jdbc.JdbcProxy;
import io.github.headlock.jdbc.JdbcProxy.Call;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a start does for background migrations, and what it does not.
 */
class BackgroundStartTests {

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@CsvSource({ "auto, false, true", "auto, true, false", "always, true, true", "always, false, true",
			"never, false, false", "never, true, false" })
	void whoWorksOnThem(String run, boolean skipsMigrations, boolean works, @TempDir Path folder) throws Exception {
		Releases releases = new Releases(this.database, folder);
		releases.second().idle().startAndStop();
		Replica replica = releases.replica()
			.with("headlock.background.run", run)
			.with("headlock.skip-migrations", skipsMigrations);
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(context.getBean(HeadlockMigrationStrategy.class).managed().orElseThrow().backgroundRunners())
				.hasSize(works ? 1 : 0);
		}
	}

	/** Neither when it migrates nor when there is nothing to do. */
	@Test
	void aReleaseThatDeclaresNoneAsksNothingAboutThem(@TempDir Path folder) {
		GatedReleases releases = new GatedReleases(this.database.url(), folder);
		for (int head = 1; head <= 2; head++) {
			Release release = new Release(head, Text.NONE);
			assertThat(statements(releases, release)).isNotEmpty().noneMatch(BackgroundStartTests::isAboutThem);
			assertThat(statements(releases, release)).isNotEmpty().noneMatch(BackgroundStartTests::isAboutThem);
		}
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relname LIKE '%background%'")).isEmpty();
	}

	/** They are registered when it migrates, or by whoever works on them. */
	@Test
	void aReleaseWithNothingToMigrateAsksNothingAboutThemAtItsStart(@TempDir Path folder) {
		GatedReleases releases = new GatedReleases(this.database.url(), folder);
		Release release = new Release(2, Text.ONE);
		assertThat(statements(releases, release)).anyMatch(BackgroundStartTests::isAboutThem);
		assertThat(statements(releases, release)).isNotEmpty().noneMatch(BackgroundStartTests::isAboutThem);
	}

	@Test
	void aReleaseThatDeclaresNoneHasNothingToFinish(@TempDir Path folder) {
		GatedReleases releases = new GatedReleases(this.database.url(), folder);
		Release release = new Release(2, Text.NONE);
		List<String> statements = statements(releases, release);
		List<String> finishing = new ArrayList<>();
		releases.finish(noting(finishing), release, null);
		assertThat(finishing).isNotEmpty().noneMatch(BackgroundStartTests::isAboutThem);
		assertThat(finishing).hasSizeLessThanOrEqualTo(statements.size());
		assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
			.doesNotContain("headlock-background");
	}

	private static boolean isAboutThem(String statement) {
		return statement.contains("background");
	}

	/** Also while it serves. */
	@Test
	void healthAndMetersOfAReleaseThatDeclaresNoneAskNothingAboutThem(@TempDir Path folder) {
		GatedReleases releases = new GatedReleases(this.database.url(), folder);
		assertThat(statementsOfAScrape(releases, Text.ONE)).anyMatch(BackgroundStartTests::isAboutThem);
		assertThat(statementsOfAScrape(releases, Text.NONE)).isNotEmpty().noneMatch(BackgroundStartTests::isAboutThem);
	}

	@ParameterizedTest
	@EnumSource(names = { "NONE", "ONE" })
	void healthAsksNothingAboutThem(Text text, @TempDir Path folder) {
		GatedReleases releases = new GatedReleases(this.database.url(), folder);
		List<String> statements = new CopyOnWriteArrayList<>();
		HeadlockMigrationStrategy strategy = releases.started(noting(statements), new Release(2, text),
				Duration.ofSeconds(30), false, false);
		statements.clear();
		Health health = new SchemaHealthIndicator(() -> strategy, BackgroundStartTests::probe, null).health();
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(statements).isNotEmpty().noneMatch(BackgroundStartTests::isAboutThem);
	}

	private List<String> statementsOfAScrape(GatedReleases releases, Text text) {
		List<String> statements = new CopyOnWriteArrayList<>();
		HeadlockMigrationStrategy strategy = releases.started(noting(statements), new Release(2, text),
				Duration.ofSeconds(30), false, false);
		statements.clear();
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		new HeadlockMeters(strategy, probe(), new DefaultListableBeanFactory().getBeanProvider(MeterRegistry.class))
			.bindTo(registry);
		registry.getMeters().forEach((meter) -> meter.measure().forEach(Measurement::getValue));
		return statements;
	}

	private static BoundedSchemaProbe probe() {
		return new BoundedSchemaProbe(new SimpleAsyncTaskExecutor());
	}

	private List<String> statements(GatedReleases releases, Release release) {
		List<String> statements = new ArrayList<>();
		releases.start(noting(statements), release, Duration.ofSeconds(30), false, false);
		return statements;
	}

	private DataSource noting(List<String> statements) {
		return new DelegatingDataSource(new DriverManagerDataSource(this.database.url(), "postgres", "")) {

			@Override
			public Connection getConnection() throws SQLException {
				return noting(super.getConnection(), statements);
			}

		};
	}

	private static Connection noting(Connection connection, List<String> statements) {
		return JdbcProxy.of(connection, Connection.class, (target, method, arguments) -> {
			Object result = JdbcProxy.invoke(target, method, arguments);
			if (result instanceof PreparedStatement) {
				statements.add(String.valueOf(arguments[0]));
				return result;
			}
			return (result instanceof Statement statement)
					? JdbcProxy.of(statement, Statement.class, notingCalls(statements)) : result;
		});
	}

	private static Call<Statement> notingCalls(List<String> statements) {
		return (target, method, arguments) -> {
			if (method.getName().startsWith("execute") && arguments != null) {
				statements.add(String.valueOf(arguments[0]));
			}
			return JdbcProxy.invoke(target, method, arguments);
		};
	}

}
