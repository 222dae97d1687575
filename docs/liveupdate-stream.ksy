# Generated from the definitions in src/stream/records. Refresh with
#     npx vitest run test/stream/spec -u
meta:
  id: liveupdate_stream
  title: Xen Live Update stream
  license: MIT
  ks-version: "0.11"
  endian: le
doc: |
  What one Xen tells the next in a Live Update. Forms only:
  which record may stand where, and what the rules marked as
  lawful ask for, is for the reader to check; stream.md has it
  all.
seq:
  - id: header
    type: image_header
  - id: records
    type: record
    repeat: until
    repeat-until: "_.type == record_type::end"
types:
  image_header:
    meta:
      endian: be
    doc: |
      The only part that is big-endian.
    seq:
      - id: marker
        contents: [255, 255, 255, 255, 255, 255, 255, 255]
      - id: image_id
        contents: [88, 69, 78, 70]
      - id: version
        type: u4
        valid: 3
      - id: options
        type: u2
        valid:
          expr: "_ & 1 == 0"
        doc: "bit 0: big-endian"
      - id: reserved
        size: 6
  record:
    seq:
      - id: type_number
        type: u4
      - id: len_body
        type: u4
        valid:
          max: 0x8000000
      - id: body
        size: len_body
        type:
          switch-on: type
          cases:
            "record_type::end": end
            "record_type::x86_tsc_info": x86_tsc_info
            "record_type::hvm_params": hvm_params
            "record_type::lu_version": lu_version
            "record_type::regions": regions
            "record_type::m2p": m2p
            "record_type::iommu": iommu
            "record_type::system_time": system_time
            "record_type::virq_handlers": virq_handlers
            "record_type::domxen_shares": domxen_shares
            "record_type::trace_buffers": trace_buffers
            "record_type::kexec_crash": kexec_crash
            "record_type::domain": domain
            "record_type::p2m": p2m
            "record_type::pages": pages
            "record_type::xenheap": xenheap
            "record_type::page_counts": page_counts
            "record_type::permissions": permissions
            "record_type::pirqs": pirqs
            "record_type::ioreq_servers": ioreq_servers
            "record_type::paging_preempt": paging_preempt
            "record_type::teardown": teardown
            "record_type::partial_tables": partial_tables
            "record_type::domain_state": domain_state
            "record_type::end_of_domain": end_of_domain
            "record_type::evtchn_abi": evtchn_abi
            "record_type::evtchn_fifo": evtchn_fifo
            "record_type::evtchn_ports": evtchn_ports
            "record_type::evtchn_priorities": evtchn_priorities
            "record_type::evtchn_queues": evtchn_queues
            "record_type::evtchn_reset": evtchn_reset
            "record_type::grant_table": grant_table
            "record_type::maptrack": maptrack
            "record_type::vcpu": vcpu
            "record_type::vcpu_timers": vcpu_timers
            "record_type::vcpu_runstate": vcpu_runstate
            _: unknown_record
      - id: padding
        type: u1
        repeat: expr
        repeat-expr: "(8 - len_body % 8) % 8"
        valid: 0
    instances:
      type:
        value: type_number
        enum: record_type
  end:
    doc: |
      Ends the stream. What lies behind it is not looked at. A
      stream that was cut short must not look like a whole one.
    seq:
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  x86_tsc_info:
    doc: |
      As in libxc's stream: mode, frequency in kHz, nanoseconds
      that the guest's TSC has run at the moment that SYSTEM_TIME
      gives, incarnation. A guest whose TSC is emulated would see
      it jump.
    seq:
      - id: mode
        type: u4
      - id: khz
        type: u4
      - id: nsec
        type: s8
      - id: incarnation
        type: u4
      - id: reserved_incarnation
        size: 4
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  hvm_params:
    doc: |
      As in libxc's stream: the HVM parameters by index. They name
      the store and console pages and ports, and how events are
      delivered.
    seq:
      - id: num_params
        type: u4
      - id: reserved_params
        size: 4
      - id: params
        type: params_item
        repeat: expr
        repeat-expr: num_params
        doc: ascending by index
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      params_item:
        seq:
          - id: index
            type: u8
          - id: value
            type: u8
  lu_version:
    doc: |
      The version of the Xen that wrote the stream. First record
      of all. xen#2 may be older or newer and must know whose
      stream it reads.
    seq:
      - id: xen_major
        type: u4
      - id: xen_minor
        type: u4
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  regions:
    doc: |
      Memory that xen#2 may use while it boots, besides bootmem:
      what xen#1 had for itself, its frame table above all. The
      stream's own pages are not said: the MFN array names them.
      Without it, bootmem would have to hold the frame table of
      the whole machine.
    seq:
      - id: num_reusable
        type: u4
      - id: reusable
        type: reusable
        doc: ascending by start
        repeat: expr
        repeat-expr: num_reusable
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      reusable:
        seq:
          - id: start
            type: u4
            valid:
              max: 0xfffffff
            doc: a frame
          - id: count
            type: u4
            valid:
              max: 0x10000000
            doc: a number of frames
  m2p:
    doc: |
      The frames that the machine-to-physical table fills. Its
      entries stay in them. Privileged guests know these frames
      and map them, so they cannot move.
    seq:
      - id: frames
        type: frames
        doc: |
          Lawful only: not empty, and below frame 2^28.
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      frames:
        seq:
          - id: start
            type: u4
            valid:
              max: 0xfffffff
            doc: a frame
          - id: count
            type: u4
            valid:
              max: 0x10000000
            doc: a number of frames
  iommu:
    doc: |
      The root table that the IOMMUs walk and every frame of their
      own tables. Devices go on with their DMA during the update;
      the tables must stay and be kept.
    seq:
      - id: root
        type: u4
        valid:
          max: 0xfffffff
        doc: a frame
      - id: num_tables
        type: u4
      - id: tables
        type: u4
        repeat: expr
        repeat-expr: num_tables
        doc: |
          Lawful only: frames below 2^28.
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  system_time:
    doc: |
      xen#1's system time at the save and the platform clock at
      the same moment, in nanoseconds. Every other time in the
      stream is in this system time. System time starts anew with
      each Xen; guests would see their clock go back.
    seq:
      - id: now
        type: u8
      - id: platform_time
        type: u8
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  virq_handlers:
    doc: |
      The domain registered for each global VIRQ that not the
      hardware domain handles. xenstored in a stub domain learns
      of dead domains by VIRQ_DOM_EXC.
    seq:
      - id: num_handlers
        type: u4
      - id: handlers
        type: handlers_item
        repeat: expr
        repeat-expr: num_handlers
        doc: ascending by virq
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      handlers_item:
        seq:
          - id: virq
            type: u1
            valid:
              max: 23
            doc: a VIRQ
          - id: domid
            type: u2
            valid:
              max: 32767
            doc: a domid
  domxen_shares:
    doc: |
      Frames owned by DOMID_XEN that privileged domains may map,
      besides the M2P. A domain may have them mapped at this
      moment; they must not become anything else.
    seq:
      - id: num_shares
        type: u4
      - id: shares
        type: shares_item
        repeat: expr
        repeat-expr: num_shares
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      shares_item:
        seq:
          - id: frames
            type: frames
            doc: |
              Lawful only: not empty, and below frame 2^28.
          - id: len_what
            type: u2
            valid:
              max: 255
          - id: what
            type: str
            size: len_what
            encoding: UTF-8
        types:
          frames:
            seq:
              - id: start
                type: u4
                valid:
                  max: 0xfffffff
                doc: a frame
              - id: count
                type: u4
                valid:
                  max: 0x10000000
                doc: a number of frames
  trace_buffers:
    doc: |
      The frames of the trace buffers, in the order of the CPUs.
      xentrace in dom0 has them mapped and keeps reading them.
    seq:
      - id: num_frames
        type: u4
      - id: frames
        type: u4
        repeat: expr
        repeat-expr: num_frames
        doc: |
          Lawful only: frames below 2^28.
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  kexec_crash:
    doc: |
      The image in the crash slot: its command line and, when it
      is a Xen, which one. A host that was ready to dump after a
      crash stays so. No domain depends on it, so a Xen that does
      not know the record may pass over it.
    seq:
      - id: len_command_line
        type: u2
        valid:
          max: 4096
      - id: command_line
        type: str
        size: len_command_line
        encoding: UTF-8
      - id: has_build
        type: u1
        valid:
          max: 1
      - id: build
        type: build
        if: "has_build == 1"
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      build:
        seq:
          - id: len_version
            type: u2
            valid:
              max: 64
          - id: version
            type: str
            size: len_version
            encoding: UTF-8
          - id: image_frames
            type: u4
          - id: gnttab_max_version
            type: u1
          - id: gnttab_max_frames
            type: u4
          - id: gnttab_max_maptrack_frames
            type: u4
  domain:
    doc: |
      Opens a domain's block: its id, what domain_create() is
      told, its privileges, its limit of pages (in pages of 4 KiB)
      and its weight with the scheduler. Nothing else of a domain
      can be put anywhere before the domain exists.
    seq:
      - id: domid
        type: u2
        valid:
          max: 32767
        doc: a domid
      - id: type
        type: u1
        enum: type
        valid:
          in-enum: true
      - id: has_name
        type: u1
        valid:
          max: 1
      - id: len_name
        type: u2
        valid:
          max: 1024
        if: "has_name == 1"
      - id: name
        type: str
        size: len_name
        encoding: UTF-8
        if: "has_name == 1"
      - id: config
        type: config
      - id: is_hardware
        type: u1
        valid:
          max: 1
      - id: is_privileged
        type: u1
        valid:
          max: 1
      - id: has_target
        type: u1
        valid:
          max: 1
      - id: target
        type: u2
        valid:
          max: 32767
        doc: a domid
        if: "has_target == 1"
      - id: max_pages
        type: u8
      - id: weight
        type: u4
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      config:
        seq:
          - id: max_vcpus
            type: u4
          - id: width
            type: u1
            valid:
              any-of: [32, 64]
            doc: "one of 32, 64"
          - id: max_grant_version
            type: u1
          - id: iommu
            type: u1
            valid:
              max: 1
          - id: hap
            type: u1
            valid:
              max: 1
          - id: vm_assist
            type: u4
          - id: len_handle
            type: u2
            valid:
              max: 255
          - id: handle
            type: str
            size: len_handle
            encoding: UTF-8
    enums:
      type:
        0: pv
        1: pvh
        2: hvm
  p2m:
    doc: |
      Of a translated domain: the root of the P2M, the frames that
      hold its tables, whether the IOMMU walks them too and
      whether writes are logged. The IOMMU may walk these very
      tables, so they stay where and as they are.
    seq:
      - id: root
        type: u4
        valid:
          max: 0xfffffff
        doc: a frame
      - id: num_tables
        type: u4
      - id: tables
        type: u4
        repeat: expr
        repeat-expr: num_tables
        doc: |
          Lawful only: frames below 2^28.
      - id: shared_with_iommu
        type: u1
        valid:
          max: 1
      - id: log_dirty
        type: u1
        valid:
          max: 1
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  pages:
    doc: |
      The domain's ordinary pages as runs of frames of one kind,
      ascending. A kind is the PFINFO type in bits 0-3, bit 4 for
      extra pages, bit 5 for pages that their dying owner has
      released. Owner, page-table level and pin are what xen#2
      takes over of the frame table; counts it makes itself.
    seq:
      - id: runs
        type: runs
        doc: |
          Lawful only: runs ascending, apart, not empty, below frame
          2^28 and of known kinds.
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      runs:
        seq:
          - id: num_rows
            type: u4
          - id: start
            type: u4
            repeat: expr
            repeat-expr: num_rows
          - id: count
            type: u4
            repeat: expr
            repeat-expr: num_rows
          - id: kind
            type: u1
            repeat: expr
            repeat-expr: num_rows
  xenheap:
    doc: |
      Xen's pages that are shared with the domain, by frame, each
      with its role; `index` is the place among the grant or
      status frames, 0 for the others. Guests and tools know these
      frames by number and map them: shared_info, grant and status
      frames must keep theirs.
    seq:
      - id: num_pages
        type: u4
      - id: pages
        type: pages_item
        repeat: expr
        repeat-expr: num_pages
        doc: ascending by frame
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      pages_item:
        seq:
          - id: frame
            type: u4
            valid:
              max: 0xfffffff
            doc: a frame
          - id: role
            type: u1
            enum: role
            valid:
              in-enum: true
          - id: index
            type: u4
          - id: writable
            type: u1
            valid:
              max: 1
          - id: released
            type: u1
            valid:
              max: 1
        enums:
          role:
            0: shared_info
            1: grant
            2: status
            3: other
  page_counts:
    doc: |
      xen#1's page counts as they are, by runs of equal ones:
      general count, type count, page type (values of F8.3). Only
      a design that copies reference counts writes it. It is here
      so that the harm of copying can be shown; a design that
      keeps R20 neither writes nor reads it.
    seq:
      - id: runs
        type: runs
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      runs:
        seq:
          - id: num_rows
            type: u4
          - id: start
            type: u4
            repeat: expr
            repeat-expr: num_rows
          - id: count
            type: u4
            repeat: expr
            repeat-expr: num_rows
          - id: general
            type: u4
            repeat: expr
            repeat-expr: num_rows
          - id: type_count
            type: u4
            repeat: expr
            repeat-expr: num_rows
          - id: type
            type: u1
            repeat: expr
            repeat-expr: num_rows
  permissions:
    doc: |
      Interrupts, frames of I/O memory and I/O ports that the
      domain may use; both ends in. They are granted by the tool
      stack once, at creation or when a device comes.
    seq:
      - id: num_irqs
        type: u4
      - id: irqs
        type: irqs
        doc: ascending by first
        repeat: expr
        repeat-expr: num_irqs
      - id: num_iomem
        type: u4
      - id: iomem
        type: iomem
        doc: ascending by first
        repeat: expr
        repeat-expr: num_iomem
      - id: num_ioports
        type: u4
      - id: ioports
        type: ioports
        doc: ascending by first
        repeat: expr
        repeat-expr: num_ioports
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      irqs:
        seq:
          - id: first
            type: u8
          - id: last
            type: u8
      iomem:
        seq:
          - id: first
            type: u8
          - id: last
            type: u8
      ioports:
        seq:
          - id: first
            type: u8
          - id: last
            type: u8
  pirqs:
    doc: |
      The host's interrupt behind each of the guest's. A driver
      keeps using the number that it was given when it mapped the
      interrupt.
    seq:
      - id: num_pirqs
        type: u4
      - id: pirqs
        type: pirqs_item
        repeat: expr
        repeat-expr: num_pirqs
        doc: ascending by pirq
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      pirqs_item:
        seq:
          - id: pirq
            type: u4
          - id: irq
            type: u4
  ioreq_servers:
    doc: |
      The IOREQ servers by id: the emulator as a domid, the shared
      pages, the port of each vCPU, what they claim (type, first,
      last); and the server, if any, that takes P2M entries of
      type ioreq_server. Requests in flight are in none: the save
      waits for them. The device model keeps its pages and ports;
      creating the server anew would change them.
    seq:
      - id: num_servers
        type: u4
      - id: servers
        type: servers_item
        repeat: expr
        repeat-expr: num_servers
        doc: ascending by id
      - id: has_p2m_server
        type: u1
        valid:
          max: 1
      - id: p2m_server
        type: u1
        if: "has_p2m_server == 1"
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      servers_item:
        seq:
          - id: id
            type: u1
          - id: emulator
            type: u2
            valid:
              max: 32767
            doc: a domid
          - id: has_ioreq_page
            type: u1
            valid:
              max: 1
          - id: ioreq_page
            type: u4
            valid:
              max: 0xfffffff
            doc: a frame
            if: "has_ioreq_page == 1"
          - id: has_bufioreq_page
            type: u1
            valid:
              max: 1
          - id: bufioreq_page
            type: u4
            valid:
              max: 0xfffffff
            doc: a frame
            if: "has_bufioreq_page == 1"
          - id: has_bufioreq_port
            type: u1
            valid:
              max: 1
          - id: bufioreq_port
            type: u4
            valid:
              max: 0x1ffff
            doc: a port
            if: "has_bufioreq_port == 1"
          - id: num_vcpus
            type: u4
          - id: vcpus
            type: vcpus_item
            repeat: expr
            repeat-expr: num_vcpus
            doc: ascending by vcpu
          - id: enabled
            type: u1
            valid:
              max: 1
          - id: num_ranges
            type: u4
          - id: ranges
            type: ranges_item
            repeat: expr
            repeat-expr: num_ranges
        types:
          vcpus_item:
            seq:
              - id: vcpu
                type: u2
                valid:
                  max: 8191
                doc: a vCPU id
              - id: port
                type: u4
                valid:
                  max: 0x1ffff
                doc: a port
          ranges_item:
            seq:
              - id: type
                type: u1
              - id: first
                type: u8
              - id: last
                type: u8
  paging_preempt:
    doc: |
      A paging_domctl that was interrupted: who asked, which one,
      pages done. The caller resumes it; a Xen that does not know
      of it answers -EBUSY.
    seq:
      - id: caller
        type: u2
        valid:
          max: 32767
        doc: a domid
      - id: op
        type: u1
        enum: op
        valid:
          in-enum: true
      - id: done
        type: u8
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    enums:
      op:
        0: peek
        1: clean
        2: "off"
        3: set_allocation
  teardown:
    doc: |
      How far domain_relinquish_resources() had come, as a number
      of xen#1's. Only where the design goes on in the middle: the
      numbers differ between versions.
    seq:
      - id: relinquish
        type: u1
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  partial_tables:
    doc: |
      Page tables whose validation was interrupted, and which vCPU
      has one to put. Only where the design goes on in the middle;
      otherwise xen#2 begins again.
    seq:
      - id: num_tables
        type: u4
      - id: tables
        type: tables_item
        repeat: expr
        repeat-expr: num_tables
      - id: num_old
        type: u4
      - id: old
        type: old_item
        repeat: expr
        repeat-expr: num_old
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      tables_item:
        seq:
          - id: frame
            type: u4
            valid:
              max: 0xfffffff
            doc: a frame
          - id: level
            type: u1
            valid:
              any-of: [1, 2, 3, 4]
            doc: "one of 1, 2, 3, 4"
          - id: validated
            type: u2
          - id: partial_set
            type: u1
            valid:
              max: 1
      old_item:
        seq:
          - id: vcpu
            type: u2
            valid:
              max: 8191
            doc: a vCPU id
          - id: frame
            type: u4
            valid:
              max: 0xfffffff
            doc: a frame
          - id: partial
            type: u1
            valid:
              max: 1
  domain_state:
    doc: |
      Where the domain is in its life: dying or not, its shutdown
      state and code (none: never given), the tool stack's pauses,
      vm_event's pauses, whether it has ever run. A domain that
      had shut down stays so, and one that was paused stays
      paused. It comes last, since a dying domain can be given no
      pages, grant frames or ports any more.
    seq:
      - id: dying
        type: u1
        enum: dying
        valid:
          in-enum: true
      - id: shutdown
        type: u1
        enum: shutdown
        valid:
          in-enum: true
      - id: has_shutdown_code
        type: u1
        valid:
          max: 1
      - id: shutdown_code
        type: u4
        if: "has_shutdown_code == 1"
      - id: controller_pause_count
        type: u2
      - id: vm_event_pauses
        type: u2
      - id: creation_finished
        type: u1
        valid:
          max: 1
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    enums:
      dying:
        0: alive
        1: dying
        2: dead
      shutdown:
        0: none
        1: in_progress
        2: complete
  end_of_domain:
    doc: |
      Ends a domain's block. A block that lacks its last records
      must not look like a whole one.
    seq:
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  evtchn_abi:
    doc: |
      Which event-channel ABI the domain uses, the highest port
      that it may have, and how many ports exist (fewer once a
      teardown has closed some). Switching to FIFO resets
      priorities and pending bits, so it comes before the ports.
    seq:
      - id: abi
        type: u1
        enum: abi
        valid:
          in-enum: true
      - id: max_port
        type: u4
      - id: valid_ports
        type: u4
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    enums:
      abi:
        0: abi_2l
        1: fifo
  evtchn_fifo:
    doc: |
      FIFO ABI: where the control block of each vCPU is, and the
      pages of the event array. They are guest memory, but only
      Xen remembers which pages they are.
    seq:
      - id: num_controls
        type: u4
      - id: controls
        type: controls_item
        repeat: expr
        repeat-expr: num_controls
        doc: ascending by vcpu
      - id: num_array
        type: u4
      - id: array
        type: u4
        repeat: expr
        repeat-expr: num_array
        doc: |
          Lawful only: frames below 2^28.
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      controls_item:
        seq:
          - id: vcpu
            type: u2
            valid:
              max: 8191
            doc: a vCPU id
          - id: control
            type: control
        types:
          control:
            seq:
              - id: frame
                type: u4
                valid:
                  max: 0xfffffff
                doc: a frame
              - id: offset
                type: u2
                valid:
                  max: 4095
                doc: an offset in a page
  evtchn_ports:
    doc: |
      Every port that is not free: what it is bound to, the part
      of Xen that it notifies (if one does), the vCPU that it
      notifies; and the port to be told of a suspend. Which port a
      vCPU has for a VIRQ follows from these and is not said
      again. Port numbers are the only handle that guests have.
      Pending and mask bits are theirs.
    seq:
      - id: num_ports
        type: u4
      - id: ports
        type: ports_item
        repeat: expr
        repeat-expr: num_ports
        doc: ascending by port
      - id: has_suspend_port
        type: u1
        valid:
          max: 1
      - id: suspend_port
        type: u4
        valid:
          max: 0x1ffff
        doc: a port
        if: "has_suspend_port == 1"
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      ports_item:
        seq:
          - id: port
            type: u4
            valid:
              max: 0x1ffff
            doc: a port
          - id: binding
            type: binding
          - id: has_xen_consumer
            type: u1
            valid:
              max: 1
          - id: xen_consumer
            type: u1
            enum: xen_consumer
            valid:
              in-enum: true
            if: "has_xen_consumer == 1"
          - id: notify_vcpu
            type: u2
            valid:
              max: 8191
            doc: a vCPU id
        types:
          binding:
            seq:
              - id: state
                type: u1
                enum: state
                valid:
                  in-enum: true
              - id: fields
                type:
                  switch-on: state
                  cases:
                    "state::unbound": unbound
                    "state::interdomain": interdomain
                    "state::pirq": pirq
                    "state::virq": virq
            types:
              unbound:
                seq:
                  - id: remote_domid
                    type: u2
                    valid:
                      max: 32767
                    doc: a domid
              interdomain:
                seq:
                  - id: remote_domid
                    type: u2
                    valid:
                      max: 32767
                    doc: a domid
                  - id: remote_port
                    type: u4
                    valid:
                      max: 0x1ffff
                    doc: a port
              pirq:
                seq:
                  - id: pirq
                    type: u4
              virq:
                seq:
                  - id: virq
                    type: u1
                    valid:
                      max: 23
                    doc: a VIRQ
            enums:
              state:
                1: unbound
                2: interdomain
                3: pirq
                4: virq
                5: ipi
        enums:
          xen_consumer:
            0: ioreq
            1: vm_event
            2: suspend
  evtchn_priorities:
    doc: |
      The priority of each port that has another than the default,
      7. Making a port resets its priority, so priorities come
      after the ports.
    seq:
      - id: num_priorities
        type: u4
      - id: priorities
        type: priorities_item
        repeat: expr
        repeat-expr: num_priorities
        doc: ascending by port
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      priorities_item:
        seq:
          - id: port
            type: u4
            valid:
              max: 0x1ffff
            doc: a port
          - id: priority
            type: u1
  evtchn_queues:
    doc: |
      Xen's side of the FIFO queues: the tail of each queue of
      each vCPU with a control block (priority 0 first), the queue
      that each port was last on (ports not named: priority 0 of
      vCPU 0), and the ports raised before their event word
      existed. With a tail lost the next event overwrites the head
      of its queue, and events queued before are never seen.
    seq:
      - id: num_tails
        type: u4
      - id: tails
        type: tails_item
        repeat: expr
        repeat-expr: num_tails
        doc: ascending by vcpu
      - id: last
        type: last
      - id: num_pending_beyond_array
        type: u4
      - id: pending_beyond_array
        type: u4
        valid:
          max: 0x1ffff
        doc: a port
        repeat: expr
        repeat-expr: num_pending_beyond_array
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      tails_item:
        seq:
          - id: vcpu
            type: u2
            valid:
              max: 8191
            doc: a vCPU id
          - id: num_tails
            type: u4
          - id: tails
            type: u4
            valid:
              max: 0x1ffff
            doc: a port
            repeat: expr
            repeat-expr: num_tails
      last:
        seq:
          - id: num_rows
            type: u4
          - id: port
            type: u4
            repeat: expr
            repeat-expr: num_rows
          - id: vcpu
            type: u2
            repeat: expr
            repeat-expr: num_rows
          - id: priority
            type: u1
            repeat: expr
            repeat-expr: num_rows
  evtchn_reset:
    doc: |
      The port at which an interrupted EVTCHNOP_reset goes on.
      Only where the design carries the cursor: the caller resumes
      with reset_cont.
    seq:
      - id: next_evtchn
        type: u4
        valid:
          max: 0x1ffff
        doc: a port
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  grant_table:
    doc: |
      Version and limits of the grant table, and every active
      entry: who maps it, the frame of the first pin, the bytes of
      a sub-page grant (0 and 4096 for a whole page), the source
      of a transitive one. Pin counts are not said: the maptracks
      of all domains imply them. The frames of the table are in
      XENHEAP. The frame was taken at the first pin; the shared
      entry may say something else by now.
    seq:
      - id: version
        type: u1
        valid:
          any-of: [1, 2]
        doc: "one of 1, 2"
      - id: max_frames
        type: u4
      - id: max_maptrack_frames
        type: u4
      - id: num_active
        type: u4
      - id: active
        type: active_item
        repeat: expr
        repeat-expr: num_active
        doc: ascending by ref
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      active_item:
        seq:
          - id: ref
            type: u4
            valid:
              max: 0xffffffff
            doc: a grant reference
          - id: domid
            type: u2
            valid:
              max: 32767
            doc: a domid
          - id: frame
            type: u4
            valid:
              max: 0xfffffff
            doc: a frame
          - id: start
            type: u2
          - id: length
            type: u2
          - id: has_transitive
            type: u1
            valid:
              max: 1
          - id: transitive
            type: transitive
            if: "has_transitive == 1"
        types:
          transitive:
            seq:
              - id: domid
                type: u2
                valid:
                  max: 32767
                doc: a domid
              - id: ref
                type: u4
                valid:
                  max: 0xffffffff
                doc: a grant reference
  maptrack:
    doc: |
      The grants that the domain has mapped, by handle: the
      granter as a domid, the reference, GNTMAP flags 0-4, the
      vCPU that got the handle; how many handles exist; and the
      free handles of each vCPU, the next to be used first. The
      guest unmaps by handle, so handles keep their numbers.
    seq:
      - id: limit
        type: u4
      - id: num_entries
        type: u4
      - id: entries
        type: entries_item
        repeat: expr
        repeat-expr: num_entries
        doc: ascending by handle
      - id: num_free
        type: u4
      - id: free
        type: free_item
        repeat: expr
        repeat-expr: num_free
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      entries_item:
        seq:
          - id: handle
            type: u4
            valid:
              max: 0xfffffffe
            doc: a maptrack handle
          - id: granter
            type: u2
            valid:
              max: 32767
            doc: a domid
          - id: ref
            type: u4
            valid:
              max: 0xffffffff
            doc: a grant reference
          - id: flags
            type: u1
            valid:
              max: 31
            doc: GNTMAP flags
          - id: vcpu
            type: u2
            valid:
              max: 8191
            doc: a vCPU id
      free_item:
        seq:
          - id: num_free
            type: u4
          - id: free
            type: u4
            repeat: expr
            repeat-expr: num_free
  vcpu:
    doc: |
      One vCPU: whether it was initialised, what lastingly keeps
      it from running, the tool stack's pauses, its registers, the
      frames in cr3 and of the descriptor tables, the ports that
      it polls, where its vcpu_info and runstate area are, the
      vector to be injected. It goes on at its instruction, which
      may be a hypercall to be entered again. There is no request
      in flight: the save waits until there is none.
    seq:
      - id: vcpu
        type: u2
        valid:
          max: 8191
        doc: a vCPU id
      - id: initialised
        type: u1
        valid:
          max: 1
      - id: paused
        type: paused
      - id: controller_pause_count
        type: u2
      - id: paused_for_shutdown
        type: u1
        valid:
          max: 1
      - id: registers
        type: registers
      - id: has_guest_table
        type: u1
        valid:
          max: 1
      - id: guest_table
        type: u4
        valid:
          max: 0xfffffff
        doc: a frame
        if: "has_guest_table == 1"
      - id: has_guest_table_user
        type: u1
        valid:
          max: 1
      - id: guest_table_user
        type: u4
        valid:
          max: 0xfffffff
        doc: a frame
        if: "has_guest_table_user == 1"
      - id: num_gdt_frames
        type: u4
      - id: gdt_frames
        type: u4
        valid:
          max: 0xfffffff
        doc: a frame
        repeat: expr
        repeat-expr: num_gdt_frames
      - id: num_poll_ports
        type: u4
      - id: poll_ports
        type: u4
        valid:
          max: 0x1ffff
        doc: a port
        repeat: expr
        repeat-expr: num_poll_ports
      - id: has_vcpu_info
        type: u1
        valid:
          max: 1
      - id: vcpu_info
        type: vcpu_info
        if: "has_vcpu_info == 1"
      - id: has_runstate_area
        type: u1
        valid:
          max: 1
      - id: runstate_area
        type: u8
        if: "has_runstate_area == 1"
      - id: has_inject_vector
        type: u1
        valid:
          max: 1
      - id: inject_vector
        type: u1
        if: "has_inject_vector == 1"
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      paused:
        meta:
          bit-endian: le
        seq:
          - id: blocked
            type: b1
          - id: down
            type: b1
          - id: in_reset
            type: b1
          - id: parked
            type: b1
          - id: reserved_4
            type: b1
            valid: false
          - id: reserved_5
            type: b1
            valid: false
          - id: reserved_6
            type: b1
            valid: false
          - id: reserved_7
            type: b1
            valid: false
      registers:
        seq:
          - id: rip
            type: u8
          - id: rax
            type: u8
          - id: rdi
            type: u8
          - id: rsi
            type: u8
          - id: rdx
            type: u8
          - id: r10
            type: u8
          - id: r8
            type: u8
          - id: at_hypercall
            type: u1
            valid:
              max: 1
      vcpu_info:
        seq:
          - id: frame
            type: u4
            valid:
              max: 0xfffffff
            doc: a frame
          - id: offset
            type: u2
            valid:
              max: 4095
            doc: an offset in a page
  vcpu_timers:
    doc: |
      A vCPU's timers in nanoseconds of system time; none where it
      has none armed. A guest that sleeps until its timer would
      sleep for ever.
    seq:
      - id: vcpu
        type: u2
        valid:
          max: 8191
        doc: a vCPU id
      - id: has_singleshot
        type: u1
        valid:
          max: 1
      - id: singleshot
        type: singleshot
        if: "has_singleshot == 1"
      - id: has_periodic
        type: u1
        valid:
          max: 1
      - id: periodic
        type: periodic
        if: "has_periodic == 1"
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
    types:
      singleshot:
        seq:
          - id: timeout
            type: u8
      periodic:
        seq:
          - id: period
            type: u8
          - id: last_event
            type: u8
  vcpu_runstate:
    doc: |
      RUNSTATE_* of a vCPU (public/vcpu.h), the system time since
      when, and the nanoseconds spent in each state. Guests
      account stolen time by it and expect it never to go back.
    seq:
      - id: vcpu
        type: u2
        valid:
          max: 8191
        doc: a vCPU id
      - id: state
        type: u1
      - id: entry_time
        type: u8
      - id: num_time
        type: u4
      - id: time
        type: u8
        repeat: expr
        repeat-expr: num_time
      - id: end_of_body
        size: 0
        valid:
          expr: _io.eof
  unknown_record:
    doc: |
      A record that is not known may be passed over when bit 31 of
      its type is set.
    seq:
      - id: octets
        size-eos: true
        valid:
          expr: "_parent.type_number >= 2147483648"
enums:
  record_type:
    0: end
    8: x86_tsc_info
    10: hvm_params
    0x40000000: lu_version
    0x40000001: regions
    0x40000002: m2p
    0x40000003: iommu
    0x40000004: system_time
    0x40000005: virq_handlers
    0x40000006: domxen_shares
    0x40000007: trace_buffers
    0x40000010: domain
    0x40000011: p2m
    0x40000012: pages
    0x40000013: xenheap
    0x40000014: page_counts
    0x40000015: permissions
    0x40000016: pirqs
    0x40000017: ioreq_servers
    0x40000018: paging_preempt
    0x40000019: teardown
    0x4000001a: partial_tables
    0x4000001e: domain_state
    0x4000001f: end_of_domain
    0x40000020: evtchn_abi
    0x40000021: evtchn_fifo
    0x40000022: evtchn_ports
    0x40000023: evtchn_priorities
    0x40000024: evtchn_queues
    0x40000025: evtchn_reset
    0x40000030: grant_table
    0x40000031: maptrack
    0x40000040: vcpu
    0x40000041: vcpu_timers
    0x40000042: vcpu_runstate
    0xc0000008: kexec_crash
