package io.github.headlock.benchmark;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SpreadTests {

	@Test
	void halfOfTheValuesLieBetweenTheQuartiles() {
		assertThat(Spread.of(List.of(5.0, 1.0, 4.0, 2.0, 3.0))).isEqualTo(new Spread(2, 3, 4));
		assertThat(Spread.of(List.of(1.0, 2.0))).isEqualTo(new Spread(1.25, 1.5, 1.75));
		assertThat(Spread.of(List.of(7.0))).isEqualTo(new Spread(7, 7, 7));
	}

	@Test
	void textHasTheQuartilesWhereTheyDiffer() {
		assertThat(new Spread(1.234, 2, 3).text(2)).isEqualTo("2.00 (1.23–3.00)");
		assertThat(new Spread(0.9, 1, 1.1).text(0)).isEqualTo("1");
	}

}
