package io.github.headlock.startup;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaStatus;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tasks in applications that have more than one context.
 */
@ExtendWith(OutputCaptureExtension.class)
class SchemaReadyTaskHierarchyTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	private final Replica replica;

	SchemaReadyTaskHierarchyTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.replica = Recording.replica(this.database.url(), this.migrations);
	}

	@Test
	void aTaskOfTheParentRunsOnceWhereAllContextsAreAutoConfigured() {
		run(parent(Replica.Application.class, SchemaReadyTaskTests.OneTask.class).child(Replica.Application.class));
		assertThat(Recording.of(this.database)).containsExactly("seed AT_HEAD 1");
	}

	@Test
	void eachContextRunsItsOwnTasks() {
		run(parent(Replica.Application.class, SchemaReadyTaskTests.OneTask.class).child(Replica.Application.class,
				TaskOfChild.class));
		assertThat(Recording.of(this.database)).containsExactly("seed AT_HEAD 1", "child AT_HEAD 1");
	}

	@Test
	void aTaskThatIsCreatedForEachUseRunsOnceAsWell() {
		run(parent(Replica.Application.class, SchemaReadyTaskTests.OneTask.class, Prototype.class)
			.child(Replica.Application.class));
		assertThat(Recording.of(this.database)).containsExactlyInAnyOrder("seed AT_HEAD 1", "prototype AT_HEAD 1");
	}

	@Test
	void aTaskOfAParentWithoutFlywayRunsInTheFirstContextThatHasOne() {
		run(parent(TaskWithoutDatabase.class).child(Replica.Application.class).sibling(Replica.Application.class));
		assertThat(TaskWithoutDatabase.runs).isOne();
	}

	@Test
	void aTaskOfAParentRunsOnceWhereTwoChildrenStartAtTheSameTime() throws Exception {
		try (ConfigurableApplicationContext parent = parent(TaskThatLasts.class).run()) {
			TaskThatLasts task = parent.getBean(TaskThatLasts.class);
			Background<ConfigurableApplicationContext> first = startChildOf(parent);
			task.begun.await();
			Background<ConfigurableApplicationContext> second = startChildOf(parent);
			await()
				.until(() -> (second.isIn(FinishedTasks.class.getName()) && second.isIn(ReentrantLock.class.getName()))
						|| task.runs.get() > 1);
			task.mayEnd.countDown();
			first.result().close();
			second.result().close();
			assertThat(task.runs).hasValue(1);
		}
	}

	@Test
	void aContextThatWaitsForTheTasksOfAnotherEndsInTime() throws Exception {
		this.replica.with("headlock.lock.timeout", "500ms");
		try (ConfigurableApplicationContext parent = parent(TaskThatLasts.class).run()) {
			TaskThatLasts task = parent.getBean(TaskThatLasts.class);
			Background<ConfigurableApplicationContext> first = startChildOf(parent);
			task.begun.await();
			assertThat(startChildOf(parent).failure()).rootCause()
				.hasMessage("Another context of this process has run tasks for longer than 0.5 s");
			task.mayEnd.countDown();
			first.result().close();
		}
	}

	private Background<ConfigurableApplicationContext> startChildOf(ConfigurableApplicationContext parent) {
		return Background.start(() -> new SpringApplicationBuilder(Replica.Application.class).parent(parent)
			.web(WebApplicationType.NONE)
			.run(this.replica.arguments()));
	}

	@Test
	void aTaskThatIsNotRunIsNamedOnce(CapturedOutput output) {
		this.replica.with("headlock.skip-migrations", true);
		this.database.execute("CREATE TABLE ran (id bigint GENERATED ALWAYS AS IDENTITY, what text NOT NULL)");
		run(parent(Replica.Application.class, SchemaReadyTaskTests.OneTask.class).child(Replica.Application.class));
		assertThat(output).containsOnlyOnce("The tasks [seed] are not run: this process skips migrations");
		assertThat(Recording.of(this.database)).isEmpty();
	}

	private static SpringApplicationBuilder parent(Class<?>... sources) {
		TaskWithoutDatabase.runs = 0;
		return new SpringApplicationBuilder(sources).web(WebApplicationType.NONE);
	}

	/** The contexts of an application that is run as a builder runs it. */
	private void run(SpringApplicationBuilder lowest) {
		try (ConfigurableApplicationContext context = lowest.web(WebApplicationType.NONE)
			.run(this.replica.arguments())) {
			((ConfigurableApplicationContext) context.getParent()).close();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class TaskOfChild {

		@Bean
		SchemaReadyTask ofChild(JdbcTemplate jdbc) {
			return (status) -> Recording.record(jdbc, "child", status);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype {

		@Bean
		@Scope("prototype")
		SchemaReadyTask prototype(JdbcTemplate jdbc) {
			return (status) -> Recording.record(jdbc, "prototype", status);
		}

	}

	static class TaskThatLasts implements SchemaReadyTask {

		private final AtomicInteger runs = new AtomicInteger();

		private final CountDownLatch begun = new CountDownLatch(1);

		private final CountDownLatch mayEnd = new CountDownLatch(1);

		@Override
		public void run(SchemaStatus status) throws InterruptedException {
			this.runs.incrementAndGet();
			this.begun.countDown();
			this.mayEnd.await();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TaskWithoutDatabase {

		private static int runs;

		@Bean
		SchemaReadyTask count() {
			return (status) -> runs++;
		}

	}

}
