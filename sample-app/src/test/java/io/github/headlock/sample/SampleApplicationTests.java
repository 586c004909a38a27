package io.github.headlock.sample;

import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application as it starts without any argument, on its embedded database.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class SampleApplicationTests {

	@LocalServerPort
	private int port;

	private RestTestClient client;

	@BeforeEach
	void connect() {
		this.client = RestTestClient.bindToServer().baseUrl("http://127.0.0.1:" + this.port).build();
	}

	@Test
	void listsTheLatestParcels() {
		this.client.get()
			.uri("/parcels?limit=3")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.length()")
			.isEqualTo(3)
			.jsonPath("$[0].trackingNumber")
			.exists();
	}

	@Test
	void findsAParcelOfTheImportedHistory() {
		this.client.get()
			.uri("/parcels/HL500000000")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.recipient")
			.isEqualTo("Recipient 1")
			.jsonPath("$.status")
			.isEqualTo("delivered");
	}

	@Test
	void announcesAParcelAndTellsWhereItIs() {
		String location = post("""
				{"recipient": "Ada", "weightGrams": 1200, "origin": "BRE01"}""").expectStatus()
			.isCreated()
			.expectBody()
			.jsonPath("$.status")
			.isEqualTo("announced")
			.returnResult()
			.getResponseHeaders()
			.getFirst("Location");
		assertThat(location).matches("/parcels/HL[0-9]{9}");
		this.client.get()
			.uri(location)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.recipient")
			.isEqualTo("Ada")
			.jsonPath("$.tariff")
			.isEqualTo("SMALL");
	}

	@Test
	void parcelsOfTheImportedHistoryGetTheirTariffWhileTheApplicationServes() {
		await().atMost(Duration.ofMinutes(1))
			.untilAsserted(() -> this.client.get()
				.uri("/parcels/HL500000000")
				.exchange()
				.expectBody()
				.jsonPath("$.tariff")
				.isEqualTo("STANDARD"));
	}

	@Test
	void anUnknownParcelIsNotFound() {
		expectProblem(this.client.get().uri("/parcels/XX000000000").exchange(), 404, "There is no parcel XX000000000");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					{"recipient": " ", "weightGrams": 1200, "origin": "BRE01"}  | recipient must not be blank
					{"recipient": "Ada", "weightGrams": 0, "origin": "BRE01"}   | weightGrams must be greater than or equal to 1
					{"recipient": "Ada", "weightGrams": 9, "origin": "bre"}     | origin must be the code of a depot, such as BRE01
					{"recipient": "Ada", "weightGrams": 9, "origin": "ZZZ99"}   | origin: there is no depot ZZZ99
					{"weightGrams": 9}                                          | origin must not be null, recipient must not be blank
					{"recipient":                                               | Failed to read request
					""",
			quoteCharacter = '\0')
	void anInvalidParcelIsRefusedWithTheReason(String parcel, String reason) {
		expectProblem(post(parcel), 400, reason);
	}

	@ParameterizedTest
	@CsvSource({ "0, limit must be greater than or equal to 1", "101, limit must be less than or equal to 100",
			"many, Failed to convert 'limit' with value: 'many'" })
	void anInvalidLimitIsRefusedWithTheReason(String limit, String reason) {
		expectProblem(this.client.get().uri("/parcels?limit={limit}", limit).exchange(), 400, reason);
	}

	@Test
	void theStartupProbeTellsThatTheSchemaIsAtHead() {
		// a database that is too late for one probe is not for the next
		await().untilAsserted(() -> this.client.get()
			.uri("/actuator/health/startup")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.status")
			.isEqualTo("UP")
			.jsonPath("$.components.schema.details.state")
			.isEqualTo("AT_HEAD")
			.jsonPath("$.components.schema.details.outcome")
			.isEqualTo("migrated")
			.jsonPath("$.components.schema.details.pending")
			.isEqualTo(0));
	}

	@ParameterizedTest
	@ValueSource(strings = { "liveness", "readiness" })
	void livenessAndReadinessDoNotLookAtTheSchema(String group) {
		this.client.get()
			.uri("/actuator/health/" + group)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.status")
			.isEqualTo("UP")
			.jsonPath("$.components.schema")
			.doesNotExist();
		this.client.get().uri("/actuator/health/{group}/schema", group).exchange().expectStatus().isNotFound();
	}

	@ParameterizedTest
	@ValueSource(strings = { "POST", "PUT", "PATCH", "DELETE" })
	void theEndpointOfHeadlockCannotBeWrittenTo(String method) {
		this.client.get()
			.uri("/actuator/headlock")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.start.outcome")
			.isEqualTo("migrated");
		this.client.method(HttpMethod.valueOf(method))
			.uri("/actuator/headlock")
			.contentType(MediaType.APPLICATION_JSON)
			.body("{}")
			.exchange()
			.expectStatus()
			.isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
	}

	private RestTestClient.ResponseSpec post(String body) {
		return this.client.post().uri("/parcels").contentType(MediaType.APPLICATION_JSON).body(body).exchange();
	}

	private static void expectProblem(RestTestClient.ResponseSpec response, int status, String detail) {
		response.expectStatus()
			.isEqualTo(status)
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.expectBody()
			.jsonPath("$.detail")
			.isEqualTo(detail);
	}

}
