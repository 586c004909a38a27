package io.github.headlock.campaign;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is said of a run as a whole.
 */
class ReportTests {

	@Test
	void manyRoundsInWhichMostFaultsMissProveTooLittle() {
		assertThat(Report.missesTooMuch(Collections.nCopies(20, result(1, 2)))).isTrue();
		assertThat(Report.missesTooMuch(Collections.nCopies(19, result(1, 2)))).isFalse();
		assertThat(Report.missesTooMuch(Collections.nCopies(20, result(1, 1)))).isFalse();
	}

	@Test
	void missedFaultsAreCountedByTheirReason() {
		Report report = new Report();
		report.column("Headlock").addAll(List.of(result(3, 1), result(0, 2)));
		assertThat(report.markdown()).contains("| faults that struck | 3 |", "| faults that missed | 3 |",
				"| ... because its moment did not come in 2 min | 3 |",
				"| ... because all replicas were ready before | 0 |");
	}

	@Test
	void whatFailoversDidIsToldOnlyWhereThereAreSome() {
		Report without = new Report();
		without.column("Headlock").add(result(1, 0));
		assertThat(without.markdown()).doesNotContain("failover", FaultKind.FAILOVER.text(),
				FaultKind.HELD_BACK.text());
		Report with = new Report();
		with.column("Headlock")
			.addAll(List.of(result(true, 1, 0, new FailoverOutcome(Step.INSIDE, true, 2, false, 1)),
					result(true, 1, 0, new FailoverOutcome(Step.INSIDE, false, 0, false, 0)),
					result(true, 1, 0, new FailoverOutcome(Step.ANYTIME, true, 0, true, 0)), result(true, 0, 1, null)));
		assertThat(with.markdown()).contains("| primary stopped for good, standby promoted | 0 |", """
				| before recording | 0 |
				| letting in | 0 |
				| ready | 0 |
				| any time | 1 |

				| failovers after replication was held back, by step | Headlock |
				""", "| rounds that lost migrations | 1 |", "| migrations that were lost | 2 |",
				"| rounds that lost the restore of roles | 1 |",
				"| replicas that were ready before, and are excused | 1 |");
		assertThat(with.markdown().split("\\| inside \\| ", -1)).satisfiesExactly(
				(before) -> assertThat(before).isNotEmpty(), (all) -> assertThat(all).startsWith("2 |"),
				(heldBack) -> assertThat(heldBack).startsWith("1 |"));
	}

	private static RoundResult result(int struck, int missed) {
		return result(false, struck, missed, null);
	}

	private static RoundResult result(boolean failover, int struck, int missed, @Nullable FailoverOutcome outcome) {
		RoundPlan draw = RoundPlan.of(1, failover);
		return new RoundResult(1, draw.summary(), Map.of(FaultKind.KILL, struck),
				Map.of(MissReason.NOT_IN_TIME, missed), 2, List.of(), Duration.ZERO, "", null, outcome);
	}

}
