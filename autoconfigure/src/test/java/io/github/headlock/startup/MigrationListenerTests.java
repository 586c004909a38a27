package io.github.headlock.startup;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

import jakarta.persistence.EntityManagerFactory;

import io.github.headlock.MigrationListener;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaState;
import io.github.headlock.test.Meters;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Which listeners are told how a start went, and when.
 */
@ExtendWith(OutputCaptureExtension.class)
class MigrationListenerTests {

	private static final Queue<String> TOLD = new ConcurrentLinkedQueue<>();

	private final TestDatabase database = TestDatabase.create();

	@BeforeEach
	void forget() {
		TOLD.clear();
	}

	@Test
	void aListenerThatNeedsTheDatabaseIsToldWhenItCanBeAndSilencesNobody(CapturedOutput output) {
		try (ConfigurableApplicationContext context = replica().with(NeedsTemplate.class).start()) {
			assertThat(TOLD).containsExactly("first", "second", "template MIGRATED 3");
			assertMetered(context);
		}
		assertThat(output)
			.contains("The listener \"needsTemplate\" or a bean that it needs cannot be created before the "
					+ "schema is ready; it is notified when the application's beans are there");
	}

	@Test
	void aListenerThatNeedsJpaIsToldWhenItCanBeAndSilencesNobody() {
		try (ConfigurableApplicationContext context = replica().with(NeedsJpa.class).start()) {
			assertThat(TOLD).containsExactly("first", "second", "jpa MIGRATED");
			assertMetered(context);
		}
	}

	@Test
	void aListenerThatIsCreatedOnDemandIsToldAsWell() {
		replica().with(NeedsTemplate.class).with("spring.main.lazy-initialization", true).startAndStop();
		assertThat(TOLD).containsExactly("first", "second", "template MIGRATED 3");
	}

	@Test
	void listenersThatNeedTheDatabaseAreToldInTheirOrder() {
		replica().with(LateInOrder.class).startAndStop();
		assertThat(TOLD).containsExactly("first", "second", "early", "late");
	}

	@Test
	void aListenerThatAsksForTheDatabaseOnlyWhenItIsToldIsToldWhenItIsThere(CapturedOutput output) {
		replica().with(AsksForTemplate.class).startAndStop();
		assertThat(TOLD).containsExactly("first", "second", "lazy MIGRATED 3", "provider MIGRATED 3");
		assertThat(output).doesNotContain("failed, which changes nothing");
	}

	@Test
	void aListenerThatCannotBeCreatedIsNamedAndSilencesNobody(CapturedOutput output) {
		replica().with(Broken.class).startAndStop();
		assertThat(TOLD).containsExactly("first", "second");
		assertThat(output)
			.contains("The listener \"broken\" cannot be notified of the start, because it or a bean that "
					+ "it needs cannot be created");
	}

	@Test
	void aListenerThatFailsIsNamedAndSilencesNobody(CapturedOutput output) {
		replica().with(Failing.class).startAndStop();
		assertThat(TOLD).containsExactly("first", "second");
		assertThat(output).contains("The listener \"failing\" failed, which changes nothing");
	}

	@Test
	void ofAStartThatFailedAllAreToldThatNeedNoDatabase(CapturedOutput output) {
		Replica replica = replica().with(NeedsTemplate.class).with("headlock.minimum-schema-version", "99");
		replica.with("spring.flyway.baseline-on-migrate", true);
		this.database.execute("CREATE TABLE used (id int)");
		assertThatThrownBy(replica::start).isNotNull();
		assertThat(TOLD).containsExactly("first failed", "second failed");
		assertThat(Meters.ofLastStart().get("headlock.migration").tag("outcome", "failed").timer().count()).isOne();
		assertThat(output)
			.contains("The listener \"needsTemplate\" cannot be notified of the start, because it or a bean that "
					+ "it needs cannot be created");
	}

	@Test
	void aListenerThatIsNoCandidateForInjectionIsNotTold() {
		replica().with(NoCandidate.class).startAndStop();
		assertThat(TOLD).containsExactly("first", "second");
	}

	@Test
	void whereTheProcessEndsAfterTheMigrationAListenerThatNeedsTheDatabaseIsToldAsWell() throws Exception {
		Replica replica = Replica.of(this.database.url(), "basic").with("headlock.exit-after-migration", true);
		try (ReplicaProcess process = ReplicaProcess.start(MigratingApplication.class, replica)) {
			assertThat(process.exitCode()).as(process.output()).isZero();
			assertThat(process.output()).contains("TOLD template MIGRATED 3", "Exiting, because");
		}
	}

	private static void assertMetered(ConfigurableApplicationContext context) {
		assertThat(context.getBean(MeterRegistry.class)
			.get("headlock.migration")
			.tag("outcome", "migrated")
			.timer()
			.count()).isOne();
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "basic").with(Meters.class).with(InOrder.class);
	}

	private static void told(String what) {
		TOLD.add(what);
		System.out.println("TOLD " + what);
	}

	private static MigrationListener counting(String name, Supplier<JdbcTemplate> jdbc) {
		return new MigrationListener() {

			@Override
			public void succeeded(MigrationReport report) {
				List<String> rows = jdbc.get().queryForList("SELECT version FROM flyway_schema_history", String.class);
				told(name + " " + report.outcome() + " " + rows.size());
			}

		};
	}

	/** Adds a line when it is told. */
	private record Telling(String name) implements MigrationListener {

		@Override
		public void succeeded(MigrationReport report) {
			told(this.name);
		}

		@Override
		public void failed(RuntimeException failure, Duration took) {
			told(this.name + " failed");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InOrder {

		@Bean
		@Order(2)
		MigrationListener second() {
			return new Telling("second");
		}

		@Bean
		@Order(1)
		MigrationListener first() {
			return new Telling("first");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class NeedsTemplate {

		@Bean
		@Order(0)
		MigrationListener needsTemplate(JdbcTemplate jdbc) {
			return counting("template", () -> jdbc);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class AsksForTemplate {

		@Bean
		@Order(3)
		MigrationListener lazy(@Lazy JdbcTemplate jdbc) {
			return counting("lazy", () -> jdbc);
		}

		@Bean
		@Order(4)
		MigrationListener provider(ObjectProvider<JdbcTemplate> jdbc) {
			return counting("provider", jdbc::getObject);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class LateInOrder {

		@Bean
		@Order(4)
		MigrationListener late(JdbcTemplate jdbc) {
			return new Telling("late");
		}

		@Bean
		@Order(3)
		MigrationListener early(JdbcTemplate jdbc) {
			return new Telling("early");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HibernateJpaAutoConfiguration.class)
	static class NeedsJpa {

		@Bean
		MigrationListener needsJpa(EntityManagerFactory entities) {
			return new MigrationListener() {

				@Override
				public void succeeded(MigrationReport report) {
					assertThat(entities.isOpen()).isTrue();
					told("jpa " + report.outcome());
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Broken {

		@Bean
		@Lazy
		MigrationListener broken() {
			throw new IllegalStateException("on purpose");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		@Order(0)
		MigrationListener failing() {
			return new MigrationListener() {

				@Override
				public void succeeded(MigrationReport report) {
					throw new IllegalStateException("on purpose, with the schema " + SchemaState.AT_HEAD);
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoCandidate {

		@Bean(autowireCandidate = false)
		MigrationListener noCandidate() {
			return new Telling("no candidate");
		}

		@Bean(defaultCandidate = false)
		MigrationListener noDefaultCandidate() {
			return new Telling("no default candidate");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ ReplicaProcess.Main.class, NeedsTemplate.class })
	static class MigratingApplication {

		public static void main(String[] arguments) {
			SpringApplication.run(MigratingApplication.class, arguments);
		}

	}

}
