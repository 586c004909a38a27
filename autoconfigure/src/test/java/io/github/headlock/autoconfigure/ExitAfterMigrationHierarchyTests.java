package io.github.headlock.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Real processes in which the application that migrates is not the only one.
 */
class ExitAfterMigrationHierarchyTests {

	private final TestDatabase database = TestDatabase.create();

	private final Path folder;

	ExitAfterMigrationHierarchyTests(@TempDir Path folder) {
		this.folder = folder;
		new TestMigrations(folder).file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@ParameterizedTest
	@ValueSource(classes = { WithParent.class, WithParentThatHasTheDataSource.class, AsSibling.class })
	void nothingOfAHierarchyRunsButTheMigrations(Class<?> main) throws Exception {
		try (ReplicaProcess process = ReplicaProcess.start(main, inEnvironment())) {
			assertMigrated(process);
		}
		try (ReplicaProcess process = ReplicaProcess.start(main,
				replica().with("headlock.exit-after-migration", true))) {
			assertEnds(process, "(at head already, ");
		}
	}

	@Test
	void whereTheParentMigratesItsChildrenAreNotStarted() throws Exception {
		try (ReplicaProcess process = ReplicaProcess.start(AsParent.class, inEnvironment())) {
			assertMigrated(process);
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { AfterASmallApplication.class, AfterASmallAutoConfiguredApplication.class })
	void anApplicationThatRunsBeforeIsLeftAlone(Class<?> main) throws Exception {
		try (ReplicaProcess process = ReplicaProcess.start(main, inEnvironment())) {
			assertThat(process.exitCode()).as(process.output()).isZero();
			assertThat(process.output())
				.containsSubsequence("CREATED small", "RAN small", "(migrated 2 migrations, ", "Exiting, because")
				.doesNotContain("CREATED eager", "RAN runner");
		}
	}

	@Test
	void afterASmallApplicationAFailureHasItsExitCodeAsWell() throws Exception {
		try (Connection holder = this.database
			.hold(String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey()));
				ReplicaProcess process = ReplicaProcess.start(AfterASmallApplication.class,
						inEnvironment().with("headlock.lock.timeout", "1s"))) {
			assertThat(process.exitCode()).as(process.output()).isEqualTo(10);
			assertThat(process.output()).contains("No migration lock of")
				.doesNotContain("No application with a Flyway");
		}
	}

	@Test
	void whereNothingMigratesTheProcessEndsWithItsMainMethodAndFails() throws Exception {
		try (ReplicaProcess process = ReplicaProcess.start(Small.class, inEnvironment())) {
			assertThat(process.exitCode()).as(process.output()).isOne();
			assertThat(process.output()).contains("RAN small", "No application with a Flyway",
					"headlock.exit-after-migration");
		}
	}

	@Test
	void withSpringCloudBootstrapItIsReadFromTheEnvironment() throws Exception {
		Files.writeString(this.folder.resolve("bootstrap.yaml"), "migrations.folder: " + this.folder);
		Replica replica = inEnvironment()
			.with("spring.cloud.bootstrap.additional-location", "file:" + this.folder + "/")
			.with("spring.flyway.locations", "filesystem:${migrations.folder}");
		try (ReplicaProcess process = ReplicaProcess.startWithSpringCloud(SpeakingApplication.class, replica)) {
			assertMigrated(process);
		}
	}

	@Test
	void withSpringCloudBootstrapItIsReadFromAFile() throws Exception {
		Files.writeString(this.folder.resolve("application.yaml"), "headlock.exit-after-migration: true");
		Replica replica = replica().with("spring.config.additional-location", "file:" + this.folder + "/");
		try (ReplicaProcess process = ReplicaProcess.startWithSpringCloud(SpeakingApplication.class, replica)) {
			assertMigrated(process);
		}
	}

	private void assertMigrated(ReplicaProcess process) throws Exception {
		assertEnds(process, "(migrated 2 migrations, ");
		assertThat(this.database.history()).containsExactly("1", "2");
	}

	private static void assertEnds(ReplicaProcess process, String how) throws Exception {
		assertThat(process.exitCode()).as(process.output()).isZero();
		assertThat(process.output()).containsSubsequence(how, "Exiting, because headlock.exit-after-migration is set")
			.doesNotContain("CREATED", "STARTED", "HEARD", "RAN", "Unable to close");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", new TestMigrations(this.folder).location());
	}

	private Replica inEnvironment() {
		return replica().withEnvironment("HEADLOCK_EXIT_AFTER_MIGRATION", "true");
	}

	@Configuration(proxyBeanMethods = false)
	static class Parent {

		@Bean
		Object ofParent() {
			return SpeakingApplication.say("CREATED of parent");
		}

		@Bean
		CommandLineRunner runnerOfParent() {
			return (arguments) -> SpeakingApplication.say("RAN runner of parent");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = FlywayAutoConfiguration.class)
	static class ParentWithDataSource extends Parent {

	}

	static class WithParent {

		public static void main(String[] arguments) {
			new SpringApplicationBuilder(Parent.class).child(SpeakingApplication.class).run(arguments);
		}

	}

	static class WithParentThatHasTheDataSource {

		public static void main(String[] arguments) {
			new SpringApplicationBuilder(ParentWithDataSource.class).child(SpeakingApplication.class).run(arguments);
		}

	}

	static class AsSibling {

		public static void main(String[] arguments) {
			new SpringApplicationBuilder(Parent.class).child(Parent.class)
				.sibling(new Class<?>[] { SpeakingApplication.class }, arguments)
				.run(arguments);
		}

	}

	static class AsParent {

		public static void main(String[] arguments) {
			new SpringApplicationBuilder(SpeakingApplication.class).child(Parent.class).run(arguments);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Small {

		public static void main(String[] arguments) {
			SpringApplication.run(Small.class, arguments).close();
		}

		@Bean
		ApplicationRunner small() {
			SpeakingApplication.say("CREATED small");
			return (arguments) -> SpeakingApplication.say("RAN small");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class })
	static class SmallAutoConfigured extends Small {

	}

	static class AfterASmallApplication {

		public static void main(String[] arguments) {
			Small.main(arguments);
			SpeakingApplication.main(arguments);
		}

	}

	static class AfterASmallAutoConfiguredApplication {

		public static void main(String[] arguments) {
			SpringApplication.run(SmallAutoConfigured.class, arguments);
			SpeakingApplication.main(arguments);
		}

	}

}
