package io.github.headlock.sample.parcel;

import java.net.URI;
import java.util.List;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * REST interface to the parcels.
 */
@RestController
@RequestMapping("/parcels")
class ParcelController {

	private final ParcelRepository parcels;

	ParcelController(ParcelRepository parcels) {
		this.parcels = parcels;
	}

	@GetMapping
	List<Parcel> latest(@RequestParam(defaultValue = "20") @Min(1) @Max(100) int limit) {
		return this.parcels.findLatest(limit);
	}

	@GetMapping("/{trackingNumber}")
	Parcel byTrackingNumber(@PathVariable String trackingNumber) {
		return this.parcels.findByTrackingNumber(trackingNumber)
			.orElseThrow(() -> new UnknownParcelException(trackingNumber));
	}

	@PostMapping
	ResponseEntity<Parcel> announce(@Valid @RequestBody NewParcel parcel) {
		String trackingNumber = this.parcels.add(parcel)
			.orElseThrow(() -> new UnknownDepotException(String.valueOf(parcel.origin())));
		return ResponseEntity.created(URI.create("/parcels/" + trackingNumber)).body(byTrackingNumber(trackingNumber));
	}

}
