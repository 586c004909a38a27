package io.github.headlock.benchmark;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ReplicaEventsTests {

	@Test
	void tellsWhoIsReadyAndWhoHasFailed() {
		ReplicaEvents events = new ReplicaEvents("""
				12:00:00.000 WARN  something else
				REPLICA 1000 released
				REPLICA 2000 ready
				REPLICA 2500 failed SQLException: no more connections
				REPLICA 3000 ready
				REPLICA 4000 rea""");
		assertThat(events.released()).hasValue(1000);
		assertThat(events.ready()).containsExactly(2000L, 3000L);
		assertThat(events.failures()).containsExactly("SQLException: no more connections");
	}

	@Test
	void lineThatIsHalfWrittenIsNotRead() {
		assertThat(new ReplicaEvents("REPLICA 1000 ready").ready()).isEmpty();
		assertThat(new ReplicaEvents("REPLICA 1000 ready\n").ready()).containsExactly(1000L);
		assertThat(new ReplicaEvents("").released()).isEmpty();
	}

}
