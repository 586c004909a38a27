package io.github.headlock.sample;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The application on a PostgreSQL in a container, which Headlock brings to head; to copy
 * from. Runs only with a Docker engine, {@code bin/test-containers}.
 */
@SpringBootTest
@Import(TestcontainersConfiguration.class)
@Tag("testcontainers")
class ServiceConnectionTests {

	@Test
	void theMigrationsHaveBeenApplied(@Autowired JdbcClient client) {
		assertThat(client.sql("SELECT count(*) FROM parcel").query(Long.class).single()).isPositive();
	}

}
