package io.github.headlock.sample.parcel;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Reads and writes parcels.
 */
@Repository
class ParcelRepository {

	private final JdbcClient jdbc;

	ParcelRepository(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	List<Parcel> findLatest(int limit) {
		return this.jdbc.sql("SELECT * FROM parcel_overview ORDER BY id DESC LIMIT ?")
			.param(limit)
			.query(ParcelRepository::parcel)
			.list();
	}

	Optional<Parcel> findByTrackingNumber(String trackingNumber) {
		return this.jdbc.sql("SELECT * FROM parcel_overview WHERE tracking_number = ?")
			.param(trackingNumber)
			.query(ParcelRepository::parcel)
			.optional();
	}

	/**
	 * Adds a parcel.
	 * @param parcel a valid parcel
	 * @return its tracking number, empty if there is no depot with that code
	 */
	Optional<String> add(NewParcel parcel) {
		int weightGrams = Objects.requireNonNull(parcel.weightGrams());
		return this.jdbc.sql("""
				INSERT INTO parcel (tracking_number, recipient, weight_grams, tariff, origin_id)
				SELECT 'HL' || lpad(nextval('tracking_number_seq')::text, 9, '0'), :recipient, :weightGrams, :tariff, id
				FROM depot WHERE code = :origin
				RETURNING tracking_number""")
			.param("recipient", parcel.recipient())
			.param("weightGrams", weightGrams)
			.param("tariff", Tariff.of(weightGrams).name())
			.param("origin", parcel.origin())
			.query(String.class)
			.optional();
	}

	private static Parcel parcel(ResultSet row, int number) throws SQLException {
		return new Parcel(row.getString("tracking_number"), row.getString("recipient"), row.getInt("weight_grams"),
				row.getString("origin"), row.getString("status"),
				row.getObject("created_at", OffsetDateTime.class).toInstant(), instant(row, "delivered_at"),
				tariff(row.getString("tariff")));
	}

	private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
		OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

	private static @Nullable Tariff tariff(@Nullable String name) {
		return (name != null) ? Tariff.valueOf(name) : null;
	}

}
