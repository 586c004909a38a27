package io.github.headlock.campaign;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;

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

	private static RoundResult result(int struck, int missed) {
		RoundPlan draw = RoundPlan.of(1);
		return new RoundResult(1, draw.scenario(), draw.schedule(), Map.of(FaultKind.KILL, struck),
				Map.of(MissReason.NOT_IN_TIME, missed), 2, List.of(), Duration.ZERO, "", null);
	}

}
