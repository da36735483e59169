# The smallest guest there is: tells whether an accelerator can run a kernel, and stands in for one in tests.
#
# Booted by the PVH protocol: 32-bit protected mode, paging off, EBX at a struct hvm_start_info. Its command line says what
# to do, as do=WORD of which the first letter counts:
#   probe   ring 0 in long mode does what stock kernels do, says "proven" on COM1, and ends the machine
#   idle    says "ready" and stands still for ever; so does any other word, and no word
#   now     says "ready" and powers off
#   again   says "ready" and resets
#   echo    says "ready" and then, on COM1, whatever comes in there
#   button  says "ready", waits for the ACPI power button (QEMU's q35 has it where we look), powers off
#   reset   the same, and resets
#   xpanic  the same, and tells pvpanic of a panic
# Built by ./make; guest.hex is what it made.

    .intel_syntax noprefix
    .set TABLES, 0x400000           # PML4, PDPT, PD; memory of a new machine is zero
    .set IDT, 0x403000
    .set AREA, 0x404000             # of XSAVE, then 16 bytes for CMPXCHG16B
    .set STACK, 0x410000
    .set COM1, 0x3f8
    .set ROUNDS, 1 << 26            # 30 ms of a processor, and minutes of an instruction emulator

    .section .note.Xen, "a", @note
    .long 4, 8, 18                  # XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad entry

    .text
    .code32
    .globl entry
entry:
    cli
    cld
    mov esp, STACK
    mov esi, [ebx + 24]             # cmdline_paddr
1:  mov eax, [esi]
    test al, al
    jz 2f
    inc esi
    and eax, 0xffffff
    cmp eax, 0x3d6f64               # "do="
    jne 1b
    mov al, [esi + 2]
2:  mov bl, al
    cmp bl, 'p'
    je probe
    mov esi, offset ready
    call say
    cmp bl, 'n'
    je off
    cmp bl, 'a'
    je reset
    cmp bl, 'e'
    je echo
    cmp bl, 'b'
    je 3f
    cmp bl, 'r'
    je 3f
    cmp bl, 'x'
    je 3f
idle:
    hlt
    jmp idle
3:  mov dx, 0x602                   # PM1 enable: the power button
    mov ax, 0x100
    out dx, ax
    mov dx, 0x600                   # PM1 status
4:  pause
    in ax, dx
    test ah, 1
    jz 4b
    cmp bl, 'r'
    je reset
    cmp bl, 'b'
    je off
    mov dx, 0x505                   # pvpanic
    mov al, 1
    out dx, al
    jmp idle

echo:
    mov dx, COM1 + 5                # line status: a byte is there, and the last one is out
    in al, dx
    and al, 0x21
    cmp al, 0x21
    pause
    jne echo
    mov dx, COM1
    in al, dx
    out dx, al
    jmp echo

off:
    mov dx, 0x600                   # Cloud Hypervisor's way to power off; to QEMU a few status bits cleared
    mov al, 0x34
    out dx, al
    mov dx, 0x604                   # QEMU's: PM1 control, S5
    mov ax, 0x2000
    out dx, ax
    jmp idle

reset:
    mov al, 0xfe
    out 0x64, al
    jmp idle

say:                                # ESI: what, ended by zero
    mov dx, COM1
5:  lodsb
    test al, al
    jz 6f
    out dx, al
    jmp 5b
6:  ret

probe:
    mov eax, 1
    cpuid
    and ecx, (1 << 13) | (1 << 26)  # CMPXCHG16B, XSAVE: a processor without them proves nothing
    cmp ecx, (1 << 13) | (1 << 26)
    jne idle
    mov dword ptr [TABLES], TABLES + 0x1000 + 3
    mov dword ptr [TABLES + 0x1000], TABLES + 0x2000 + 3
    mov edi, TABLES + 0x2000
    mov eax, 0x83                   # 2 MiB, writable, present
    mov ecx, 512
7:  mov [edi], eax
    add eax, 0x200000
    add edi, 8
    loop 7b
    mov eax, TABLES
    mov cr3, eax
    mov eax, cr4
    or eax, (1 << 5) | (3 << 9) | (1 << 18) # PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
    mov cr4, eax
    mov ecx, 0xc0000080             # EFER: long mode, SYSCALL
    rdmsr
    or eax, 0x101
    wrmsr
    mov eax, cr0
    and eax, ~(3 << 2)              # no emulation of the FPU
    or eax, 0x80000001 | (1 << 1)
    mov cr0, eax
    lgdt [gdtr]
    ljmp 8, offset long

    .code64
long:
    mov eax, 16
    mov ss, eax
    mov ds, eax
    mov es, eax
    mov rsp, STACK
    mov rax, offset breakpoint      # IDT, vector 3: an interrupt gate
    mov rdi, IDT + 3 * 16
    mov [rdi], ax
    mov word ptr [rdi + 2], 8
    mov word ptr [rdi + 4], 0x8e00
    shr rax, 16
    mov [rdi + 6], ax
    lidt [idtr]
    mov rcx, ROUNDS
8:  dec rcx
    jnz 8b
    xor ebx, ebx
    int3
    cmp ebx, 1
    jne 9f
    swapgs
    xor ecx, ecx                    # XCR0: x87, SSE
    xor edx, edx
    mov eax, 3
    xsetbv
    mov rdi, AREA
    xsave64 [rdi]
    xrstor64 [rdi]
    add rdi, 0x1000
    xor eax, eax
    xor edx, edx
    mov ebx, 7
    mov ecx, 9
    lock cmpxchg16b [rdi]
    jnz 9f
    cmp qword ptr [rdi], 7
    jne 9f
    cmp qword ptr [rdi + 8], 9
    jne 9f
    mov rsi, offset proven
    mov dx, COM1
10: lodsb
    test al, al
    jz 11f
    out dx, al
    jmp 10b
11: mov eax, 0x2a                   # isa-debug-exit: QEMU ends with 2 * 42 + 1
    out 0xf4, eax
    mov dx, 0x600                   # Cloud Hypervisor has none: power off
    mov al, 0x34
    out dx, al
9:  hlt
    jmp 9b
breakpoint:
    inc ebx
    iretq

    .balign 8
gdt:
    .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdtr:
    .word gdtr - gdt - 1
    .long gdt
idtr:
    .word 4 * 16 - 1
    .quad IDT
ready:
    .asciz "ready\n"
proven:
    .asciz "proven\n"
