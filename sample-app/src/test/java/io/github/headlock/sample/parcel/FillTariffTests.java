package io.github.headlock.sample.parcel;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * That the application and its background migration give a parcel the same tariff.
 */
@SpringBootTest
class FillTariffTests {

	private static final String WITHOUT = "SELECT count(*) FROM parcel WHERE tariff IS NULL";

	@ParameterizedTest
	@CsvSource({ "1, SMALL", "2000, SMALL", "2001, STANDARD", "10000, STANDARD", "10001, HEAVY", "31500, HEAVY" })
	void theTariffIsThatOfTheWeight(int weightGrams, Tariff tariff) {
		assertThat(Tariff.of(weightGrams)).isEqualTo(tariff);
	}

	@Test
	void theBackgroundMigrationAgreesForEveryWeight(@Autowired JdbcClient client) {
		await().atMost(Duration.ofMinutes(1)).until(() -> client.sql(WITHOUT).query(Long.class).single() == 0);
		List<Map<String, Object>> rows = client.sql("SELECT DISTINCT weight_grams, tariff FROM parcel")
			.query()
			.listOfRows();
		assertThat(rows).hasSizeGreaterThan(30_000);
		assertThat(rows).allSatisfy(
				(row) -> assertThat(row.get("tariff")).isEqualTo(Tariff.of((int) row.get("weight_grams")).name()));
	}

}
