package io.github.headlock.sample;

import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A test that begins with an empty schema each time, although one of the migrations
 * creates an index concurrently; to copy from.
 */
@SpringBootTest(properties = { "spring.flyway.clean-disabled=false", "headlock.background.run=never" })
class MigrateAnewTests {

	@Autowired
	private Flyway flyway;

	@Autowired
	private FlywayMigrationStrategy strategy;

	@BeforeEach
	void migrateAnew() {
		this.flyway.clean();
		this.strategy.migrate(this.flyway);
	}

	@RepeatedTest(2)
	void nothingIsLeftOfAnotherTest(@Autowired JdbcClient client) {
		assertThat(client.sql("INSERT INTO depot (code, city) VALUES ('ZZZ01', 'Zwickau')").update()).isOne();
	}

}
