package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who stands where another fault is to strike is not waited for.
 */
class StepBarriersTests {

	private static final Scenario SCENARIO = new Scenario(true, 0, Blocking.DRAIN, 2, false, 0, 0, false, true, false,
			2, false, true, false, Topology.ONE_SERVER);

	private static final Fault DRAINING = new Fault(FaultKind.KILL, Step.DRAINING, 0, 0, 0, 0);

	private static final Fault QUEUEING = new Fault(FaultKind.KILL, Step.QUEUEING, 3, 0, 0, 0);

	private static final Fault WAITING = new Fault(FaultKind.KILL, Step.WAITING, 3, 0, 0, 0);

	@Test
	void aQueueThatFlywayAloneStandsInIsPastTheSessionsThatOnlyHeadlockWaitsFor() throws Exception {
		Schedule schedule = new Schedule(List.of(DRAINING, QUEUEING), false);
		try (PostgresServer server = PostgresServer.start(Map.of())) {
			BystanderDatabase.create(server);
			RoundPlan plan = new RoundPlan(SCENARIO, schedule, new SplittableRandom(0));
			try (RoundEnvironment stage = RoundEnvironment.set(server, null, plan, "held", new Timeline())) {
				execute(stage, "CREATE TABLE visit (id int)");
				StepBarriers holds = new StepBarriers(stage, SCENARIO, false);
				holds.prepare(schedule.faults());
				assertThat(holds.isHeldElsewhere(DRAINING)).isFalse();
				CompletableFuture<Void> queue = CompletableFuture
					.runAsync(() -> execute(stage, "ALTER TABLE visit ADD place text"));
				assertThat(Wait.until(Duration.ofMinutes(2), () -> holds.atObstacle(QUEUEING).isPresent())).isTrue();
				assertThat(holds.isHeldElsewhere(DRAINING)).isTrue();
				assertThat(holds.isHeldElsewhere(QUEUEING)).isFalse();
				assertThat(holds.isHeldElsewhere(WAITING)).isFalse();
				holds.open(QUEUEING);
				assertThat(queue).succeedsWithin(30, TimeUnit.SECONDS);
				assertThat(holds.isHeldElsewhere(DRAINING)).isFalse();
			}
		}
	}

	private static void execute(RoundEnvironment stage, String sql) {
		try (Connection connection = stage.database().connect(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql, ex);
		}
	}

}
