package io.github.headlock.sample;

import java.lang.management.ManagementFactory;
import java.util.Map;

import javax.management.MBeanException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.ReflectionException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What operators do to a background migration over HTTP and over JMX.
 */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
		properties = { "headlock.background.locations=classpath:db/test-background", "headlock.background.run=never",
				"management.endpoint.headlockbackground.access=unrestricted",
				"management.endpoints.web.exposure.include=headlockbackground", "spring.jmx.enabled=true",
				"management.endpoints.jmx.exposure.include=headlockbackground", "spring.jmx.unique-names=true" })
class BackgroundEndpointTests {

	@LocalServerPort
	private int port;

	@Autowired
	private JdbcTemplate jdbc;

	private RestTestClient client;

	@BeforeEach
	void connect() {
		this.client = RestTestClient.bindToServer()
			.baseUrl("http://127.0.0.1:%d/actuator/headlockbackground".formatted(this.port))
			.build();
		this.jdbc.update("UPDATE flyway_schema_history_background SET state = 'running'");
	}

	private RestTestClient.ResponseSpec post(String name, Object body) {
		return this.client.post().uri("/" + name).contentType(MediaType.APPLICATION_JSON).body(body).exchange();
	}

	@Test
	void anActionIsDoneOverHttp() {
		post("name_recipients", Map.of("action", "pause")).expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.migration.state")
			.isEqualTo("paused")
			.jsonPath("$.trial")
			.doesNotExist();
		this.client.get()
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.background.length()")
			.isEqualTo(1)
			.jsonPath("$.background[0].state")
			.isEqualTo("paused");
		post("name_recipients", Map.of("action", "try")).expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.trial.changed")
			.isEqualTo(1000)
			.jsonPath("$.trial.note")
			.isEqualTo("Rolled back: nothing was changed");
		assertThat(this.jdbc.queryForObject("SELECT count(*) FROM parcel WHERE recipient = upper(recipient)",
				Integer.class))
			.isZero();
	}

	@Test
	void whatIsNotDoneIsSaidOverHttp() {
		post("name_recipients", Map.of("action", "resume")).expectStatus()
			.isEqualTo(409)
			.expectBody()
			.jsonPath("$.problem")
			.isEqualTo("resume is for a background migration that is paused; \"name_recipients\" is running");
		post("nobody", Map.of("action", "resume")).expectStatus()
			.isNotFound()
			.expectBody()
			.jsonPath("$.problem")
			.exists();
		for (Object body : new Object[] { Map.of("action", "stop"), Map.of() }) {
			post("name_recipients", body).expectStatus()
				.isBadRequest()
				.expectBody()
				.jsonPath("$.problem")
				.isEqualTo("The action must be one of pause, resume, retry, finalize, try");
		}
	}

	@Test
	void anActionIsDoneOverJmx() throws Exception {
		assertThat(String.valueOf(act("name_recipients", "finalize"))).contains("fullSpeed=true");
		assertThat(this.jdbc.queryForObject("SELECT full_speed FROM flyway_schema_history_background", Boolean.class))
			.isTrue();
		assertThatThrownBy(() -> act("name_recipients", "resume")).isInstanceOf(MBeanException.class)
			.rootCause()
			.hasMessageEndingWith("\"name_recipients\" is running");
		assertThatThrownBy(() -> act("name_recipients", "stop")).isInstanceOf(ReflectionException.class)
			.rootCause()
			.hasMessage("The action must be one of pause, resume, retry, finalize, try");
	}

	private static Object act(String name, String action) throws Exception {
		MBeanServer server = ManagementFactory.getPlatformMBeanServer();
		ObjectName bean = server
			.queryNames(new ObjectName("org.springframework.boot:type=Endpoint,name=Headlockbackground,*"), null)
			.iterator()
			.next();
		return server.invoke(bean, "act", new Object[] { name, action },
				new String[] { String.class.getName(), String.class.getName() });
	}

}
